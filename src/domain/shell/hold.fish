# eksso: KUBECONFIG stays this shell's own file. What prompt hooks (direnv) or start files set is put back behind them; what is
# typed stays. Handlers of an event run in the order in which they were made.
function _eksso_hold
    set -gx KUBECONFIG $EKSSO_ISOLATED_KUBECONFIG
    set -g _eksso_kubeconfig $KUBECONFIG
    functions -e _eksso_before _eksso_behind
    function _eksso_before --on-event fish_postexec
        set -g _eksso_kubeconfig $KUBECONFIG
    end
    function _eksso_behind --on-event fish_prompt --on-event fish_preexec
        if test "$KUBECONFIG" = "$_eksso_kubeconfig"
            return
        else if test -n "$_eksso_kubeconfig"
            set -gx KUBECONFIG $_eksso_kubeconfig
        else
            set -e KUBECONFIG
        end
    end
end
