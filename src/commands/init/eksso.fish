# eksso: completions, and a context for each shell where EKSSO_ISOLATED is 1.
if test "$EKSSO_ISOLATED" = 1
    function _eksso_isolate
        set -l before $EKSSO_CONTEXT
        set -l lines (command eksso env --shell fish $argv)
        or return
        string join \n -- $lines | source
        set -g _eksso_before $before
    end
    function _eksso_use
        _eksso_isolate $argv
        and printf 'This shell uses `%s`.\n' (command eksso use --current) >&2
    end
    function eksso
        if test "$argv[1]" != use
            command eksso $argv
            return
        end
        if test (count $argv) -lt 2
            if isatty stdout
                _eksso_use --choose
            else
                command eksso $argv
            end
            return
        end
        switch $argv[2]
            case -
                if test -n "$_eksso_before"
                    _eksso_isolate -- $_eksso_before
                else
                    command eksso $argv
                end
            case -c --current -h --help '-0*' '-1*' '-2*' '-3*' '-4*' '-5*' '-6*' '-7*' '-8*' '-9*'
                command eksso $argv
            case '*'
                _eksso_use $argv[2..-1]
        end
    end
    if status is-interactive
        if test -n "$EKSSO_CONTEXT"; and not test -e "$KUBECONFIG"
            _eksso_isolate --no-input -- $EKSSO_CONTEXT
        else if test -z "$EKSSO_CONTEXT"; and command eksso use --current >/dev/null 2>&1
            _eksso_isolate --no-input
        end
    end
end
command eksso completions fish | source
