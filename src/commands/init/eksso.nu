# eksso: completions, and a context for each shell where EKSSO_ISOLATED is 1.
def --env _eksso_isolate [...args] {
    let before = $env.EKSSO_CONTEXT?
    let variables = (^eksso env --shell nushell ...$args | from json)
    load-env $variables
    $env.EKSSO_BEFORE = $before
}
def _eksso_complete [line: string, position: int] {
    let lines = (^eksso __complete $"--nushell=($line | str substring 0..<$position)" | complete).stdout | lines
    if ($lines | get 0?) in ["files" "commands"] { return null }
    $lines | skip 1 | each {|line|
        let parts = $line | split row -n 2 (char tab)
        { value: $parts.0, description: ($parts.1? | default "") }
    }
}
def --env --wrapped eksso [...args: string@_eksso_complete] {
    let word = $args.1?
    if $env.EKSSO_ISOLATED? != "1" or $args.0? != "use" or ($word == null and not (is-terminal --stdout)) or $word in ["-c" "--current" "-h" "--help"] or $word =~ '^-[0-9]' {
        ^eksso ...$args
    } else if $word == null {
        _eksso_isolate "--choose"
    } else if $word != "-" {
        _eksso_isolate ...($args | skip 1)
    } else if ($env.EKSSO_BEFORE? | is-empty) {
        ^eksso ...$args
    } else {
        _eksso_isolate "--" $env.EKSSO_BEFORE
    }
}
if $nu.is-interactive and $env.EKSSO_ISOLATED? == "1" {
    if ($env.EKSSO_CONTEXT? | is-empty) {
        if (^eksso use --current | complete).exit_code == 0 { _eksso_isolate "--no-input" }
    } else if not ($env.KUBECONFIG? | default "" | path exists) {
        _eksso_isolate "--no-input" "--" $env.EKSSO_CONTEXT
    }
}
