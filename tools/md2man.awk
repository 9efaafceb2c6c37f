# md2man.awk - a manual page of docs/man as troff for man(1).
# awk -v version=0.1.0 -f tools/md2man.awk docs/man/run.md > man/ytterby-run.1
# Knows what our pages use: headings, paragraphs, lists, fenced and indented blocks, `code`,
# **strong**, *stress*.

# `code`, **strong**, *stress* of a line; backslashes and leading dots are made safe
function inline(text,    out, a, b) {
    gsub(/\\/, "\\e", text)
    gsub(/-/, "\\-", text)
    out = ""
    while (match(text, /`[^`]+`|\*\*[^*]+\*\*|\*[^* ][^*]*\*/)) {
        out = out substr(text, 1, RSTART - 1)
        a = substr(text, RSTART, RLENGTH)
        text = substr(text, RSTART + RLENGTH)
        if (a ~ /^`/) b = "\\fB" substr(a, 2, length(a) - 2) "\\fR"
        else if (a ~ /^\*\*/) b = "\\fB" substr(a, 3, length(a) - 4) "\\fR"
        else b = "\\fI" substr(a, 2, length(a) - 2) "\\fR"
        out = out b
    }
    out = out text
    if (out ~ /^[.']/) out = "\\&" out
    return out
}
function verbatim(text) {
    gsub(/\\/, "\\e", text)
    gsub(/-/, "\\-", text)
    if (text ~ /^[.']/) text = "\\&" text
    return text
}
function close_block() {
    if (indented) print ".fi\n.RE"
    indented = 0
}

/^```/ {
    close_block()
    fenced = !fenced
    print fenced ? ".PP\n.RS 4\n.nf" : ".fi\n.RE"
    next
}
fenced { print verbatim($0); next }
/^    [^ ]/ {
    if (!indented) print ".PP\n.RS 4\n.nf"
    indented = 1
    print verbatim(substr($0, 5))
    next
}
indented && /^ *$/ { close_block(); print ".PP"; next }
{ close_block() }
/^# / {
    title = $2
    sub(/\(.*/, "", title)
    printf ".TH %s 1 \"\" \"ytterby %s\" \"Ytterby\"\n", toupper(title), version
    next
}
/^## / { print ".SH " substr($0, 4); next }
/^- / { print ".IP \\(bu 2\n" inline(substr($0, 3)); next }
/^[0-9]+\. / { print ".IP " $1 " 4"; sub(/^[0-9]+\. /, ""); print inline($0); next }
/^ *$/ { print ".PP"; next }
{ sub(/^ +/, ""); print inline($0) }
END { close_block() }
