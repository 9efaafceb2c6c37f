/* csv.c - text for other programs and for eyes: quoted, guarded, without surprises.
 *
 * A cell of text that a spreadsheet would take for a formula gets a ' in front; control
 * characters, which a terminal would obey, are shown as \xNN.
 */
#include "store/inside.h"

#include "base/text.h"

#include <stdio.h>
#include <string.h>

bool csv_is_formula(const char *text)
{
    return text[0] && strchr("=+-@\t\r", text[0]) != NULL;
}

/* Bytes of the control character at p, 0 when it is none.  C1 controls count: U+0080..9F. */
static int control_length(const unsigned char *p)
{
    if (p[0] < 0x20 || p[0] == 0x7f)
        return 1;
    return p[0] == 0xc2 && p[1] >= 0x80 && p[1] <= 0x9f ? 2 : 0;
}

void text_put_shown(FILE *out, const char *text, const char *allowed)
{
    for (const unsigned char *p = (const unsigned char *)text; *p;) {
        size_t valid = text_utf8_length((const char *)p, strlen((const char *)p));
        int control = control_length(p);
        if (*p < 0x80 && strchr(allowed, *p)) {
            fputc(*p++, out);
        } else if (control || valid == 0) {
            for (int i = 0; i < (control ? control : 1); i++)
                fprintf(out, "\\x%02X", *p++);
        } else {
            fwrite(p, 1, valid, out);
            p += valid;
        }
    }
}

void csv_put_text(FILE *out, const char *text)
{
    bool is_formula = csv_is_formula(text);
    if (!is_formula && !text[strcspn(text, ",\"\n\r")] && text[0] != ' ' && text[0] != '\'') {
        text_put_shown(out, text, "");
        return;
    }
    fputs(is_formula ? "\"'" : "\"", out);
    for (const char *quote; (quote = strchr(text, '"')); text = quote + 1) {
        char part[256];
        /* in pieces, so that nothing is allocated */
        for (const char *p = text; p < quote;) {
            size_t n =
                (size_t)(quote - p) < sizeof part - 1 ? (size_t)(quote - p) : sizeof part - 1;
            while (n > 1 && n < (size_t)(quote - p) && ((unsigned char)p[n] & 0xc0) == 0x80)
                n--; /* not inside a character */
            memcpy(part, p, n);
            part[n] = '\0';
            text_put_shown(out, part, "\n\t");
            p += n;
        }
        fputs("\"\"", out);
    }
    text_put_shown(out, text, "\n\t");
    fputc('"', out);
}

void csv_put_value(FILE *out, sqlite3_stmt *row, int column)
{
    char number[40];
    switch (sqlite3_column_type(row, column)) {
    case SQLITE_NULL:
        return;
    case SQLITE_INTEGER:
        fprintf(out, "%lld", (long long)sqlite3_column_int64(row, column));
        return;
    case SQLITE_FLOAT:
        text_format_number(number, sizeof number, sqlite3_column_double(row, column));
        fputs(number, out);
        return;
    default: {
        const char *text = (const char *)sqlite3_column_text(row, column);
        csv_put_text(out, text ? text : "");
    }
    }
}

void csv_put_row(FILE *out, sqlite3_stmt *row)
{
    for (int c = 0; c < sqlite3_column_count(row); c++) {
        if (c)
            fputc(',', out);
        csv_put_value(out, row, c);
    }
    fputc('\n', out);
}

void csv_put_header(FILE *out, sqlite3_stmt *row)
{
    for (int c = 0; c < sqlite3_column_count(row); c++) {
        if (c)
            fputc(',', out);
        csv_put_text(out, sqlite3_column_name(row, c));
    }
    fputc('\n', out);
}
