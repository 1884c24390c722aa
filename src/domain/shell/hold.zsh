# eksso: KUBECONFIG stays this shell's own file. What prompt and folder hooks (direnv) or start files set is put back behind
# them; what is typed stays.
# What stands before the first prompt is of start files: it goes before a prompt shows its context.
_eksso_before() { if [[ -n ${_eksso_held-} ]]; then _eksso_kubeconfig=${KUBECONFIG-}; else _eksso_behind; fi; }
_eksso_behind() {
    if [[ ${KUBECONFIG-} == "$_eksso_kubeconfig" ]]; then
        :
    elif [[ -n $_eksso_kubeconfig ]]; then
        export KUBECONFIG=$_eksso_kubeconfig
    else
        unset KUBECONFIG
    fi
}
_eksso_prompted() { _eksso_held=1; }
_eksso_hold() {
    typeset -g _eksso_kubeconfig=$EKSSO_ISOLATED_KUBECONFIG _eksso_held=
    export KUBECONFIG=$_eksso_kubeconfig
    typeset -ga precmd_functions chpwd_functions
    precmd_functions=(_eksso_before ${precmd_functions:#_eksso_(before|behind|prompted)} _eksso_behind _eksso_prompted)
    chpwd_functions=(_eksso_before ${chpwd_functions:#_eksso_(before|behind)} _eksso_behind)
}
