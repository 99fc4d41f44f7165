# bash completion for PROGRAM: it asks PROGRAM itself what may come next.

_PROGRAM() {
    local line=${COMP_LINE:0:COMP_POINT} part rest directive
    local -a words
    read -ra words <<<"$line"
    [[ $line == *[[:space:]] ]] && words+=("")
    mapfile -t COMPREPLY < <("${1/#\~/$HOME}" __completeNoDesc "${words[@]:1}" 2>/dev/null)
    ((${#COMPREPLY[@]})) || return
    directive=${COMPREPLY[-1]#:}
    unset 'COMPREPLY[-1]'

    # Only what follows the last '=' or ':' is replaced, where bash breaks words there.
    part=${words[-1]}
    [[ $part == --*=* ]] && part=${part#*=}
    rest=$2
    [[ $rest == [=:] ]] && rest=
    part=${part%"$rest"}
    COMPREPLY=("${COMPREPLY[@]#"$part"}")

    ((directive & 2)) && compopt -o nospace
    ((directive & 4)) && compopt +o default
    ((directive & 16)) && compopt -o dirnames +o default
    return 0
}

complete -o default -F _PROGRAM PROGRAM
