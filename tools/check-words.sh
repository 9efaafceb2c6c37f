#!/bin/bash
# check-words.sh - the engine knows no case, and no source knows a machine.
set -u
cd "$(dirname "$0")/.." || exit 2
bad=0

# complain TEXT GREP-ARGUMENTS...
complain() {
    local text=$1
    shift
    local found
    found=$(grep -nIE "$@" 2>/dev/null)
    if [ -n "$found" ]; then
        echo "$found"
        echo "check-words: $text"
        bad=1
    fi
}

mapfile -t engine < <(git ls-files 'src/*.c' 'src/*.h' 'src/*.def' 'include/*.h')
mapfile -t sources < <(git ls-files 'src/*' 'include/*' 'cli/*' 'tests/*' 'tools/*' Makefile \
    CMakeLists.txt CMakePresets.json ':!:tools/check-words.sh' ':!:tests/reference/*' \
    ':!:tests/fuzz/corpus/*' ':!:tests/golden/*')

mapfile -t everything < <(git ls-files ':!:tools/check-words.sh' ':!:tests/reference/*' \
    ':!:tests/fuzz/corpus/*')

elements='lanthan(um|ide)|cerium|praseodymium|neodymium|promethium|samarium|europium|gadolinium'
elements="$elements|terbium|dysprosium|holmium|erbium|thulium|ytterbium|lutetium|scandium|yttrium"
elements="$elements|NdPr|NdFeB|didymium|mischmetal"
places='china|chinese|japan(ese)?|vietnam(ese)?|malaysian?|australian?|myanmar|mongolian?|korean?'
places="$places|america|united states|estonian?|brazil(ian)?|baotou|ganzhou|rotterdam|europe"
firms='lynas|molycorp|mp materials|neo performance|shenghe|iluka|arafura|solvay|mountain pass'
complain "the engine must not know the case: no element, place or firm" \
    -iw "rare[ -]earths?|$elements|$places|$firms" "${engine[@]}"
complain "finish it or write an issue: no TODO or FIXME" \
    -w 'TODO|FIXME|XXX' "${sources[@]}"
complain "a path of one machine" \
    '(^|[^A-Za-z0-9_.])/(work|home|root|Users)/[A-Za-z]' "${everything[@]}"
complain "an address of a package registry or private host" \
    '(registry\.npmjs|pypi\.org|crates\.io|artifactory|localhost:[0-9]{4}|\.internal\b)' \
    "${everything[@]}"
[ $bad -eq 0 ] && echo "words: ${#everything[@]} files name no case, machine or registry"
exit $bad
