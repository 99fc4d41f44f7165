# fish completion for PROGRAM: it asks PROGRAM itself what may come next.

function __PROGRAM_complete
    set -l words (commandline -opc)
    set -l part (commandline -ct)
    set -l answer ($words[1] __complete $words[2..-1] "$part" 2>/dev/null)
    set -l directive (string sub -s 2 -- $answer[-1])
    set -e answer[-1]
    # Fish replaces the whole word.
    set -l flag (string match -r '^--[^=]*=' -- $part)
    if set -q answer[1]
        printf "%s\n" "$flag"$answer
    else if test (math "bitand($directive, 16)") -ne 0
        __fish_complete_directories (string replace -- "$flag" '' "$part") | string replace -r '^' -- "$flag"
    else if test (math "bitand($directive, 4)") -eq 0
        __fish_complete_path (string replace -- "$flag" '' "$part") | string replace -r '^' -- "$flag"
    end
end

complete -c PROGRAM -f -a '(__PROGRAM_complete)'
