# Completions of eksso for nushell. What may stand next is asked of eksso, which reads local files alone.
def _eksso_complete [line: string, position: int] {
    let lines = (^eksso __complete $"--nushell=($line | str substring 0..<$position)" | complete).stdout | lines
    if ($lines | get 0?) in ["files" "commands"] { return null }
    $lines | skip 1 | each {|line|
        let parts = $line | split row -n 2 (char tab)
        { value: $parts.0, description: ($parts.1? | default "") }
    }
}
extern eksso [...args: string@_eksso_complete]
