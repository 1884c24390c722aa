# eksso: a context for each shell where EKSSO_ISOLATED is 1.
def --env _eksso_isolate [...args] {
    let before = $env.EKSSO_CONTEXT?
    let variables = (^eksso env --shell nushell ...$args | from json)
    load-env $variables
    $env.EKSSO_BEFORE = $before
}
def --env --wrapped eksso [...args] {
    let word = $args.1?
    if $env.EKSSO_ISOLATED? != "1" or $args.0? != "use" or $word == null or $word in ["-c" "--current" "-h" "--help"] or $word =~ '^-[0-9]' {
        ^eksso ...$args
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
