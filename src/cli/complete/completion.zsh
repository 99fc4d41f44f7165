#compdef PROGRAM
# zsh completion for PROGRAM: it asks PROGRAM itself what may come next.

_PROGRAM() {
    local line directive
    local -a answer candidates options
    answer=("${(@f)$("${(Q)words[1]}" __complete "${(@Q)words[2,CURRENT]}" 2>/dev/null)}")
    directive=${answer[-1]#:}
    for line in "${(@)answer[1,-2]}"; do
        candidates+=("${${line%%$'\t'*}//:/\\:}:${${line#*$'\t'}:#$line}")
    done
    [[ ${words[CURRENT]} == --*=* ]] && compset -P '*='
    ((directive & 2)) && options=(-S '')
    if ((${#candidates})); then
        _describe PROGRAM candidates "${options[@]}"
    elif ((directive & 16)); then
        _files -/
    elif ((!(directive & 4))); then
        _files
    fi
}

# Sourced, it has to say what it is for; found in fpath, it is called.
if [[ ${funcstack[1]} == _PROGRAM ]]; then
    _PROGRAM "$@"
else
    compdef _PROGRAM PROGRAM
fi
