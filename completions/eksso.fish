# Completions of eksso for fish. What may stand next is asked of eksso, which reads local files alone.
function __eksso_complete
    set -l words (commandline -opc)
    set -l word (commandline -ct)
    set -l lines (command eksso __complete --word="$word" -- $words[2..-1] 2>/dev/null)
    switch "$lines[1]"
        case files
            __fish_complete_path "$word"
        case commands
            __fish_complete_command
        case '*'
            string join \n -- $lines[2..-1]
    end
end
complete -c eksso -e
complete -c eksso -f -a '(__eksso_complete)'
