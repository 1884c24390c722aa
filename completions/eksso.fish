# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_eksso_global_optspecs
    string join \n session= kubeconfig= config= keyring= o/output= color= no-input v/verbose q/quiet h/help V/version
end

function __fish_eksso_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_eksso_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_eksso_using_subcommand
    set -l cmd (__fish_eksso_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c eksso -n "__fish_eksso_needs_command" -l session -d 'The session to use [env: EKSSO_SESSION]' -r
complete -c eksso -n "__fish_eksso_needs_command" -l kubeconfig -d 'The kubeconfig to use instead of KUBECONFIG and ~/.kube/config' -r -F
complete -c eksso -n "__fish_eksso_needs_command" -l config -d 'The settings to use instead of config.toml [env: EKSSO_CONFIG]' -r -F
complete -c eksso -n "__fish_eksso_needs_command" -l keyring -d 'Where secrets are kept: auto, secret-service, keychain, wincred, keyutils, passphrase, plaintext [env: EKSSO_KEYRING]' -r
complete -c eksso -n "__fish_eksso_needs_command" -s o -l output -d 'The form of lists' -r -f -a "table\t'Columns for people'
json\t'One array of objects'
name\t'One name a line'
csv\t'Lines for a review, with access only'
sarif\t'SARIF 2.1.0, for code scanning (audit)'"
complete -c eksso -n "__fish_eksso_needs_command" -l color -d 'When to use colour (NO_COLOR is honoured)' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Also into files'
never\t'Not at all'"
complete -c eksso -n "__fish_eksso_needs_command" -l no-input -d 'Never ask, even on a terminal [env: EKSSO_NO_INPUT=1]'
complete -c eksso -n "__fish_eksso_needs_command" -s v -l verbose -d 'Say how it is done; twice: in more detail'
complete -c eksso -n "__fish_eksso_needs_command" -s q -l quiet -d 'Say nothing but results and errors'
complete -c eksso -n "__fish_eksso_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c eksso -n "__fish_eksso_needs_command" -s V -l version -d 'Print version'
complete -c eksso -n "__fish_eksso_needs_command" -f -a "login" -d 'Sign in'
complete -c eksso -n "__fish_eksso_needs_command" -f -a "logout" -d 'Sign out: revoke the session at the portal, remove its tokens and role credentials'
complete -c eksso -n "__fish_eksso_needs_command" -f -a "status" -d 'Show sessions: who is signed in, until when, and the current context'
complete -c eksso -n "__fish_eksso_needs_command" -f -a "roles" -d 'List the accounts and roles you are assigned'
complete -c eksso -n "__fish_eksso_needs_command" -f -a "clusters" -d 'List the EKS clusters your roles can see, and which of your roles each of them lets in'
complete -c eksso -n "__fish_eksso_needs_command" -f -a "add" -d 'Choose clusters and roles, and write their kubeconfig contexts'
complete -c eksso -n "__fish_eksso_needs_command" -f -a "sync" -d 'Write a context for every cluster and role that matches'
complete -c eksso -n "__fish_eksso_needs_command" -f -a "use" -d 'Switch the current kubeconfig context'
complete -c eksso -n "__fish_eksso_needs_command" -f -a "ns" -d 'Show or switch the namespace of the current context'
complete -c eksso -n "__fish_eksso_needs_command" -f -a "rename" -d 'Give a context another name'
complete -c eksso -n "__fish_eksso_needs_command" -f -a "rm" -d 'Remove contexts'
complete -c eksso -n "__fish_eksso_needs_command" -f -a "whoami" -d 'Show who a context is: the person, the role, the Kubernetes user and its groups, and what it may do'
complete -c eksso -n "__fish_eksso_needs_command" -f -a "console" -d 'Open a cluster\'s page in the AWS console, as the context\'s role'
complete -c eksso -n "__fish_eksso_needs_command" -f -a "doctor" -d 'Find out why something does not work'
complete -c eksso -n "__fish_eksso_needs_command" -f -a "access" -d 'Show who is let in by which cluster, as what, to do what, and why'
complete -c eksso -n "__fish_eksso_needs_command" -f -a "audit" -d 'Find what is wrong with who may do what in clusters, and how to mend it'
complete -c eksso -n "__fish_eksso_needs_command" -f -a "scaffold" -d 'Make dedicated roles, policies, access entries and bindings as code, from one reviewed file'
complete -c eksso -n "__fish_eksso_needs_command" -f -a "exec" -d 'Run a command in one context, or in several'
complete -c eksso -n "__fish_eksso_needs_command" -f -a "shell" -d 'Start a shell in which one context is current'
complete -c eksso -n "__fish_eksso_needs_command" -f -a "env" -d 'Print what makes this shell use one context'
complete -c eksso -n "__fish_eksso_needs_command" -f -a "import" -d 'Take over the contexts that the AWS CLI and others made'
complete -c eksso -n "__fish_eksso_needs_command" -f -a "export" -d 'Print a kubeconfig with contexts of eksso, to be handed to others'
complete -c eksso -n "__fish_eksso_needs_command" -f -a "undo" -d 'Take back the last change that eksso made to a kubeconfig'
complete -c eksso -n "__fish_eksso_needs_command" -f -a "init" -d 'Print what a shell\'s start file evaluates'
complete -c eksso -n "__fish_eksso_needs_command" -f -a "prompt" -d 'Print the current context in a line, for a shell\'s prompt'
complete -c eksso -n "__fish_eksso_needs_command" -f -a "token" -d 'Print an ExecCredential: what kubectl calls'
complete -c eksso -n "__fish_eksso_needs_command" -f -a "credentials" -d 'Print AWS credentials of a role for other programs'
complete -c eksso -n "__fish_eksso_needs_command" -f -a "log" -d 'Show the audit trail: sign-ins, and credentials that were handed out'
complete -c eksso -n "__fish_eksso_needs_command" -f -a "config" -d 'Show, edit and check the settings'
complete -c eksso -n "__fish_eksso_needs_command" -f -a "setup" -d 'Install the settings of an organisation, below your own'
complete -c eksso -n "__fish_eksso_needs_command" -f -a "profiles" -d 'Write an AWS profile for every role that matches'
complete -c eksso -n "__fish_eksso_needs_command" -f -a "completions" -d 'Print the completion script of a shell'
complete -c eksso -n "__fish_eksso_needs_command" -f -a "man" -d 'Print a manual page, in roff: `eksso man | man -l -`'
complete -c eksso -n "__fish_eksso_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c eksso -n "__fish_eksso_using_subcommand login" -l start-url -d 'The access portal, such as https://example.awsapps.com/start' -r
complete -c eksso -n "__fish_eksso_using_subcommand login" -l sso-region -d 'The region of the IAM Identity Center instance; may be left out where the URL or its redirect names it' -r
complete -c eksso -n "__fish_eksso_using_subcommand login" -l okta -d 'Your Okta org, such as https://example.okta.com, for roles that trust Okta itself (AWS Account Federation)' -r
complete -c eksso -n "__fish_eksso_using_subcommand login" -l client-id -d 'The client that eksso is in the Okta org: an OIDC native app' -r
complete -c eksso -n "__fish_eksso_using_subcommand login" -l app-id -d 'The AWS app in the Okta org, where you have several; asked for if not given' -r
complete -c eksso -n "__fish_eksso_using_subcommand login" -l partition -d 'A partition whose roles are wanted, such as aws-us-gov; may be repeated' -r
complete -c eksso -n "__fish_eksso_using_subcommand login" -l flow -d 'How to sign in; the session\'s own setting where this is not given' -r -f -a "device\t'A page and a code, in any browser on any machine'
pkce\t'A browser on this machine comes back by itself'
auto\t'pkce where a browser can be opened here, else device'"
complete -c eksso -n "__fish_eksso_using_subcommand login" -l session -d 'The session to use [env: EKSSO_SESSION]' -r
complete -c eksso -n "__fish_eksso_using_subcommand login" -l kubeconfig -d 'The kubeconfig to use instead of KUBECONFIG and ~/.kube/config' -r -F
complete -c eksso -n "__fish_eksso_using_subcommand login" -l config -d 'The settings to use instead of config.toml [env: EKSSO_CONFIG]' -r -F
complete -c eksso -n "__fish_eksso_using_subcommand login" -l keyring -d 'Where secrets are kept: auto, secret-service, keychain, wincred, keyutils, passphrase, plaintext [env: EKSSO_KEYRING]' -r
complete -c eksso -n "__fish_eksso_using_subcommand login" -s o -l output -d 'The form of lists' -r -f -a "table\t'Columns for people'
json\t'One array of objects'
name\t'One name a line'
csv\t'Lines for a review, with access only'
sarif\t'SARIF 2.1.0, for code scanning (audit)'"
complete -c eksso -n "__fish_eksso_using_subcommand login" -l color -d 'When to use colour (NO_COLOR is honoured)' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Also into files'
never\t'Not at all'"
complete -c eksso -n "__fish_eksso_using_subcommand login" -l no-browser -d 'Do not open a browser'
complete -c eksso -n "__fish_eksso_using_subcommand login" -l force -d 'Sign in anew even if you are signed in'
complete -c eksso -n "__fish_eksso_using_subcommand login" -l all -d 'Sign in to every session whose sign-in has ended, one after the other'
complete -c eksso -n "__fish_eksso_using_subcommand login" -l share-with-aws-cli -d 'Write the access token to ~/.aws/sso/cache too, so that the AWS CLI and SDKs are signed in while it lives'
complete -c eksso -n "__fish_eksso_using_subcommand login" -l no-input -d 'Never ask, even on a terminal [env: EKSSO_NO_INPUT=1]'
complete -c eksso -n "__fish_eksso_using_subcommand login" -s v -l verbose -d 'Say how it is done; twice: in more detail'
complete -c eksso -n "__fish_eksso_using_subcommand login" -s q -l quiet -d 'Say nothing but results and errors'
complete -c eksso -n "__fish_eksso_using_subcommand login" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c eksso -n "__fish_eksso_using_subcommand logout" -l session -d 'The session to use [env: EKSSO_SESSION]' -r
complete -c eksso -n "__fish_eksso_using_subcommand logout" -l kubeconfig -d 'The kubeconfig to use instead of KUBECONFIG and ~/.kube/config' -r -F
complete -c eksso -n "__fish_eksso_using_subcommand logout" -l config -d 'The settings to use instead of config.toml [env: EKSSO_CONFIG]' -r -F
complete -c eksso -n "__fish_eksso_using_subcommand logout" -l keyring -d 'Where secrets are kept: auto, secret-service, keychain, wincred, keyutils, passphrase, plaintext [env: EKSSO_KEYRING]' -r
complete -c eksso -n "__fish_eksso_using_subcommand logout" -s o -l output -d 'The form of lists' -r -f -a "table\t'Columns for people'
json\t'One array of objects'
name\t'One name a line'
csv\t'Lines for a review, with access only'
sarif\t'SARIF 2.1.0, for code scanning (audit)'"
complete -c eksso -n "__fish_eksso_using_subcommand logout" -l color -d 'When to use colour (NO_COLOR is honoured)' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Also into files'
never\t'Not at all'"
complete -c eksso -n "__fish_eksso_using_subcommand logout" -l all -d 'End all sessions, also those that are not in the settings any more'
complete -c eksso -n "__fish_eksso_using_subcommand logout" -l force -d 'Remove the tokens even if the provider could not be told, or they cannot be read (a forgotten passphrase)'
complete -c eksso -n "__fish_eksso_using_subcommand logout" -l no-input -d 'Never ask, even on a terminal [env: EKSSO_NO_INPUT=1]'
complete -c eksso -n "__fish_eksso_using_subcommand logout" -s v -l verbose -d 'Say how it is done; twice: in more detail'
complete -c eksso -n "__fish_eksso_using_subcommand logout" -s q -l quiet -d 'Say nothing but results and errors'
complete -c eksso -n "__fish_eksso_using_subcommand logout" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c eksso -n "__fish_eksso_using_subcommand status" -l session -d 'The session to use [env: EKSSO_SESSION]' -r
complete -c eksso -n "__fish_eksso_using_subcommand status" -l kubeconfig -d 'The kubeconfig to use instead of KUBECONFIG and ~/.kube/config' -r -F
complete -c eksso -n "__fish_eksso_using_subcommand status" -l config -d 'The settings to use instead of config.toml [env: EKSSO_CONFIG]' -r -F
complete -c eksso -n "__fish_eksso_using_subcommand status" -l keyring -d 'Where secrets are kept: auto, secret-service, keychain, wincred, keyutils, passphrase, plaintext [env: EKSSO_KEYRING]' -r
complete -c eksso -n "__fish_eksso_using_subcommand status" -s o -l output -d 'The form of lists' -r -f -a "table\t'Columns for people'
json\t'One array of objects'
name\t'One name a line'
csv\t'Lines for a review, with access only'
sarif\t'SARIF 2.1.0, for code scanning (audit)'"
complete -c eksso -n "__fish_eksso_using_subcommand status" -l color -d 'When to use colour (NO_COLOR is honoured)' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Also into files'
never\t'Not at all'"
complete -c eksso -n "__fish_eksso_using_subcommand status" -l check -d 'Exit with 0 if the session is signed in, with 3 if it is not; with -q nothing is printed'
complete -c eksso -n "__fish_eksso_using_subcommand status" -l no-input -d 'Never ask, even on a terminal [env: EKSSO_NO_INPUT=1]'
complete -c eksso -n "__fish_eksso_using_subcommand status" -s v -l verbose -d 'Say how it is done; twice: in more detail'
complete -c eksso -n "__fish_eksso_using_subcommand status" -s q -l quiet -d 'Say nothing but results and errors'
complete -c eksso -n "__fish_eksso_using_subcommand status" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c eksso -n "__fish_eksso_using_subcommand roles" -l account -d 'Accounts by id or name, with * and ? as wildcards' -r
complete -c eksso -n "__fish_eksso_using_subcommand roles" -l role -d 'Roles (permission sets) by name, with wildcards' -r
complete -c eksso -n "__fish_eksso_using_subcommand roles" -l filter -d 'The filter that config.toml has under [filters.NAME]; what is given beside it counts in place of its lists' -r
complete -c eksso -n "__fish_eksso_using_subcommand roles" -l session -d 'The session to use [env: EKSSO_SESSION]' -r
complete -c eksso -n "__fish_eksso_using_subcommand roles" -l kubeconfig -d 'The kubeconfig to use instead of KUBECONFIG and ~/.kube/config' -r -F
complete -c eksso -n "__fish_eksso_using_subcommand roles" -l config -d 'The settings to use instead of config.toml [env: EKSSO_CONFIG]' -r -F
complete -c eksso -n "__fish_eksso_using_subcommand roles" -l keyring -d 'Where secrets are kept: auto, secret-service, keychain, wincred, keyutils, passphrase, plaintext [env: EKSSO_KEYRING]' -r
complete -c eksso -n "__fish_eksso_using_subcommand roles" -s o -l output -d 'The form of lists' -r -f -a "table\t'Columns for people'
json\t'One array of objects'
name\t'One name a line'
csv\t'Lines for a review, with access only'
sarif\t'SARIF 2.1.0, for code scanning (audit)'"
complete -c eksso -n "__fish_eksso_using_subcommand roles" -l color -d 'When to use colour (NO_COLOR is honoured)' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Also into files'
never\t'Not at all'"
complete -c eksso -n "__fish_eksso_using_subcommand roles" -l all-sessions -d 'As every session that is configured, all in one list'
complete -c eksso -n "__fish_eksso_using_subcommand roles" -l refresh -d 'Ask for the list again, however lately that was done'
complete -c eksso -n "__fish_eksso_using_subcommand roles" -l no-input -d 'Never ask, even on a terminal [env: EKSSO_NO_INPUT=1]'
complete -c eksso -n "__fish_eksso_using_subcommand roles" -s v -l verbose -d 'Say how it is done; twice: in more detail'
complete -c eksso -n "__fish_eksso_using_subcommand roles" -s q -l quiet -d 'Say nothing but results and errors'
complete -c eksso -n "__fish_eksso_using_subcommand roles" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c eksso -n "__fish_eksso_using_subcommand clusters" -l account -d 'Accounts by id or name, with * and ? as wildcards' -r
complete -c eksso -n "__fish_eksso_using_subcommand clusters" -l role -d 'Roles (permission sets) by name, with wildcards' -r
complete -c eksso -n "__fish_eksso_using_subcommand clusters" -l filter -d 'The filter that config.toml has under [filters.NAME]; what is given beside it counts in place of its lists' -r
complete -c eksso -n "__fish_eksso_using_subcommand clusters" -l region -d 'Regions, with wildcards; without it, `regions` of config.toml, else all regions of EKS' -r
complete -c eksso -n "__fish_eksso_using_subcommand clusters" -l cluster -d 'Clusters by name, with wildcards' -r
complete -c eksso -n "__fish_eksso_using_subcommand clusters" -l tag -d 'Clusters by tag, with wildcards in the value; KEY alone: any value. One key several times: any of the values' -r
complete -c eksso -n "__fish_eksso_using_subcommand clusters" -s L -l tag-columns -d 'Also show these tags, each in a column of its own' -r
complete -c eksso -n "__fish_eksso_using_subcommand clusters" -l session -d 'The session to use [env: EKSSO_SESSION]' -r
complete -c eksso -n "__fish_eksso_using_subcommand clusters" -l kubeconfig -d 'The kubeconfig to use instead of KUBECONFIG and ~/.kube/config' -r -F
complete -c eksso -n "__fish_eksso_using_subcommand clusters" -l config -d 'The settings to use instead of config.toml [env: EKSSO_CONFIG]' -r -F
complete -c eksso -n "__fish_eksso_using_subcommand clusters" -l keyring -d 'Where secrets are kept: auto, secret-service, keychain, wincred, keyutils, passphrase, plaintext [env: EKSSO_KEYRING]' -r
complete -c eksso -n "__fish_eksso_using_subcommand clusters" -s o -l output -d 'The form of lists' -r -f -a "table\t'Columns for people'
json\t'One array of objects'
name\t'One name a line'
csv\t'Lines for a review, with access only'
sarif\t'SARIF 2.1.0, for code scanning (audit)'"
complete -c eksso -n "__fish_eksso_using_subcommand clusters" -l color -d 'When to use colour (NO_COLOR is honoured)' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Also into files'
never\t'Not at all'"
complete -c eksso -n "__fish_eksso_using_subcommand clusters" -l all-sessions -d 'As every session that is configured, all in one list'
complete -c eksso -n "__fish_eksso_using_subcommand clusters" -l refresh -d 'Look at everything again, however lately it was seen'
complete -c eksso -n "__fish_eksso_using_subcommand clusters" -l verify -d 'Ask each cluster itself, as each role, who it is there (SelfSubjectReview)'
complete -c eksso -n "__fish_eksso_using_subcommand clusters" -l stream -d 'With -o json: one object a line, as soon as it is known'
complete -c eksso -n "__fish_eksso_using_subcommand clusters" -l show-tags -d 'Also show all tags of each cluster'
complete -c eksso -n "__fish_eksso_using_subcommand clusters" -l no-input -d 'Never ask, even on a terminal [env: EKSSO_NO_INPUT=1]'
complete -c eksso -n "__fish_eksso_using_subcommand clusters" -s v -l verbose -d 'Say how it is done; twice: in more detail'
complete -c eksso -n "__fish_eksso_using_subcommand clusters" -s q -l quiet -d 'Say nothing but results and errors'
complete -c eksso -n "__fish_eksso_using_subcommand clusters" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c eksso -n "__fish_eksso_using_subcommand add" -l account -d 'Accounts by id or name, with * and ? as wildcards' -r
complete -c eksso -n "__fish_eksso_using_subcommand add" -l role -d 'Roles (permission sets) by name, with wildcards' -r
complete -c eksso -n "__fish_eksso_using_subcommand add" -l filter -d 'The filter that config.toml has under [filters.NAME]; what is given beside it counts in place of its lists' -r
complete -c eksso -n "__fish_eksso_using_subcommand add" -l region -d 'Regions, with wildcards; without it, `regions` of config.toml, else all regions of EKS' -r
complete -c eksso -n "__fish_eksso_using_subcommand add" -l cluster -d 'Clusters by name, with wildcards' -r
complete -c eksso -n "__fish_eksso_using_subcommand add" -l tag -d 'Clusters by tag, with wildcards in the value; KEY alone: any value. One key several times: any of the values' -r
complete -c eksso -n "__fish_eksso_using_subcommand add" -l session -d 'The session to use [env: EKSSO_SESSION]' -r
complete -c eksso -n "__fish_eksso_using_subcommand add" -l kubeconfig -d 'The kubeconfig to use instead of KUBECONFIG and ~/.kube/config' -r -F
complete -c eksso -n "__fish_eksso_using_subcommand add" -l config -d 'The settings to use instead of config.toml [env: EKSSO_CONFIG]' -r -F
complete -c eksso -n "__fish_eksso_using_subcommand add" -l keyring -d 'Where secrets are kept: auto, secret-service, keychain, wincred, keyutils, passphrase, plaintext [env: EKSSO_KEYRING]' -r
complete -c eksso -n "__fish_eksso_using_subcommand add" -s o -l output -d 'The form of lists' -r -f -a "table\t'Columns for people'
json\t'One array of objects'
name\t'One name a line'
csv\t'Lines for a review, with access only'
sarif\t'SARIF 2.1.0, for code scanning (audit)'"
complete -c eksso -n "__fish_eksso_using_subcommand add" -l color -d 'When to use colour (NO_COLOR is honoured)' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Also into files'
never\t'Not at all'"
complete -c eksso -n "__fish_eksso_using_subcommand add" -l all-sessions -d 'As every session that is configured, all in one list'
complete -c eksso -n "__fish_eksso_using_subcommand add" -l use -d 'Make the (first) new context the current one'
complete -c eksso -n "__fish_eksso_using_subcommand add" -l refresh -d 'Also try again what your roles were denied lately'
complete -c eksso -n "__fish_eksso_using_subcommand add" -l verify -d 'Ask each cluster itself, as each role, whether it lets the role in'
complete -c eksso -n "__fish_eksso_using_subcommand add" -l unmapped -d 'Also write contexts for roles that the cluster is known not to let in'
complete -c eksso -n "__fish_eksso_using_subcommand add" -s y -l yes -d 'Do not ask where config.toml says that a context asks first'
complete -c eksso -n "__fish_eksso_using_subcommand add" -l dry-run -d 'Print what would change as a unified diff, and change nothing'
complete -c eksso -n "__fish_eksso_using_subcommand add" -l absolute-command -d 'Write the full path of eksso, for programs that are started without your PATH'
complete -c eksso -n "__fish_eksso_using_subcommand add" -l no-input -d 'Never ask, even on a terminal [env: EKSSO_NO_INPUT=1]'
complete -c eksso -n "__fish_eksso_using_subcommand add" -s v -l verbose -d 'Say how it is done; twice: in more detail'
complete -c eksso -n "__fish_eksso_using_subcommand add" -s q -l quiet -d 'Say nothing but results and errors'
complete -c eksso -n "__fish_eksso_using_subcommand add" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c eksso -n "__fish_eksso_using_subcommand sync" -l account -d 'Accounts by id or name, with * and ? as wildcards' -r
complete -c eksso -n "__fish_eksso_using_subcommand sync" -l role -d 'Roles (permission sets) by name, with wildcards' -r
complete -c eksso -n "__fish_eksso_using_subcommand sync" -l filter -d 'The filter that config.toml has under [filters.NAME]; what is given beside it counts in place of its lists' -r
complete -c eksso -n "__fish_eksso_using_subcommand sync" -l region -d 'Regions, with wildcards; without it, `regions` of config.toml, else all regions of EKS' -r
complete -c eksso -n "__fish_eksso_using_subcommand sync" -l cluster -d 'Clusters by name, with wildcards' -r
complete -c eksso -n "__fish_eksso_using_subcommand sync" -l tag -d 'Clusters by tag, with wildcards in the value; KEY alone: any value. One key several times: any of the values' -r
complete -c eksso -n "__fish_eksso_using_subcommand sync" -l session -d 'The session to use [env: EKSSO_SESSION]' -r
complete -c eksso -n "__fish_eksso_using_subcommand sync" -l kubeconfig -d 'The kubeconfig to use instead of KUBECONFIG and ~/.kube/config' -r -F
complete -c eksso -n "__fish_eksso_using_subcommand sync" -l config -d 'The settings to use instead of config.toml [env: EKSSO_CONFIG]' -r -F
complete -c eksso -n "__fish_eksso_using_subcommand sync" -l keyring -d 'Where secrets are kept: auto, secret-service, keychain, wincred, keyutils, passphrase, plaintext [env: EKSSO_KEYRING]' -r
complete -c eksso -n "__fish_eksso_using_subcommand sync" -s o -l output -d 'The form of lists' -r -f -a "table\t'Columns for people'
json\t'One array of objects'
name\t'One name a line'
csv\t'Lines for a review, with access only'
sarif\t'SARIF 2.1.0, for code scanning (audit)'"
complete -c eksso -n "__fish_eksso_using_subcommand sync" -l color -d 'When to use colour (NO_COLOR is honoured)' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Also into files'
never\t'Not at all'"
complete -c eksso -n "__fish_eksso_using_subcommand sync" -l all-sessions -d 'As every session that is configured, all in one list'
complete -c eksso -n "__fish_eksso_using_subcommand sync" -l prune -d 'Also remove contexts of eksso, of this session and these filters, whose role or cluster is gone'
complete -c eksso -n "__fish_eksso_using_subcommand sync" -s y -l yes -d 'Do not ask before many contexts are removed'
complete -c eksso -n "__fish_eksso_using_subcommand sync" -l refresh -d 'Also try again what your roles were denied lately'
complete -c eksso -n "__fish_eksso_using_subcommand sync" -l verify -d 'Ask each cluster itself, as each role, whether it lets the role in'
complete -c eksso -n "__fish_eksso_using_subcommand sync" -l unmapped -d 'Also write contexts for roles that the cluster is known not to let in'
complete -c eksso -n "__fish_eksso_using_subcommand sync" -l dry-run -d 'Print what would change as a unified diff, and change nothing'
complete -c eksso -n "__fish_eksso_using_subcommand sync" -l absolute-command -d 'Write the full path of eksso, for programs that are started without your PATH'
complete -c eksso -n "__fish_eksso_using_subcommand sync" -l no-input -d 'Never ask, even on a terminal [env: EKSSO_NO_INPUT=1]'
complete -c eksso -n "__fish_eksso_using_subcommand sync" -s v -l verbose -d 'Say how it is done; twice: in more detail'
complete -c eksso -n "__fish_eksso_using_subcommand sync" -s q -l quiet -d 'Say nothing but results and errors'
complete -c eksso -n "__fish_eksso_using_subcommand sync" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c eksso -n "__fish_eksso_using_subcommand use" -l role -d 'The same cluster with another role of yours; the current context\'s where no context is named' -r
complete -c eksso -n "__fish_eksso_using_subcommand use" -l for -d 'How long: 1m to 12h. Then kubectl is refused, and the role is the former one again' -r
complete -c eksso -n "__fish_eksso_using_subcommand use" -s n -l namespace -d 'The namespace' -r
complete -c eksso -n "__fish_eksso_using_subcommand use" -l session -d 'The session to use [env: EKSSO_SESSION]' -r
complete -c eksso -n "__fish_eksso_using_subcommand use" -l kubeconfig -d 'The kubeconfig to use instead of KUBECONFIG and ~/.kube/config' -r -F
complete -c eksso -n "__fish_eksso_using_subcommand use" -l config -d 'The settings to use instead of config.toml [env: EKSSO_CONFIG]' -r -F
complete -c eksso -n "__fish_eksso_using_subcommand use" -l keyring -d 'Where secrets are kept: auto, secret-service, keychain, wincred, keyutils, passphrase, plaintext [env: EKSSO_KEYRING]' -r
complete -c eksso -n "__fish_eksso_using_subcommand use" -s o -l output -d 'The form of lists' -r -f -a "table\t'Columns for people'
json\t'One array of objects'
name\t'One name a line'
csv\t'Lines for a review, with access only'
sarif\t'SARIF 2.1.0, for code scanning (audit)'"
complete -c eksso -n "__fish_eksso_using_subcommand use" -l color -d 'When to use colour (NO_COLOR is honoured)' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Also into files'
never\t'Not at all'"
complete -c eksso -n "__fish_eksso_using_subcommand use" -s c -l current -d 'Print the current context, and change nothing'
complete -c eksso -n "__fish_eksso_using_subcommand use" -s y -l yes -d 'Do not ask where config.toml says that a context asks first'
complete -c eksso -n "__fish_eksso_using_subcommand use" -l dry-run -d 'Print what would change as a unified diff, and change nothing'
complete -c eksso -n "__fish_eksso_using_subcommand use" -l no-input -d 'Never ask, even on a terminal [env: EKSSO_NO_INPUT=1]'
complete -c eksso -n "__fish_eksso_using_subcommand use" -s v -l verbose -d 'Say how it is done; twice: in more detail'
complete -c eksso -n "__fish_eksso_using_subcommand use" -s q -l quiet -d 'Say nothing but results and errors'
complete -c eksso -n "__fish_eksso_using_subcommand use" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c eksso -n "__fish_eksso_using_subcommand ns" -l session -d 'The session to use [env: EKSSO_SESSION]' -r
complete -c eksso -n "__fish_eksso_using_subcommand ns" -l kubeconfig -d 'The kubeconfig to use instead of KUBECONFIG and ~/.kube/config' -r -F
complete -c eksso -n "__fish_eksso_using_subcommand ns" -l config -d 'The settings to use instead of config.toml [env: EKSSO_CONFIG]' -r -F
complete -c eksso -n "__fish_eksso_using_subcommand ns" -l keyring -d 'Where secrets are kept: auto, secret-service, keychain, wincred, keyutils, passphrase, plaintext [env: EKSSO_KEYRING]' -r
complete -c eksso -n "__fish_eksso_using_subcommand ns" -s o -l output -d 'The form of lists' -r -f -a "table\t'Columns for people'
json\t'One array of objects'
name\t'One name a line'
csv\t'Lines for a review, with access only'
sarif\t'SARIF 2.1.0, for code scanning (audit)'"
complete -c eksso -n "__fish_eksso_using_subcommand ns" -l color -d 'When to use colour (NO_COLOR is honoured)' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Also into files'
never\t'Not at all'"
complete -c eksso -n "__fish_eksso_using_subcommand ns" -l dry-run -d 'Print what would change as a unified diff, and change nothing'
complete -c eksso -n "__fish_eksso_using_subcommand ns" -l no-input -d 'Never ask, even on a terminal [env: EKSSO_NO_INPUT=1]'
complete -c eksso -n "__fish_eksso_using_subcommand ns" -s v -l verbose -d 'Say how it is done; twice: in more detail'
complete -c eksso -n "__fish_eksso_using_subcommand ns" -s q -l quiet -d 'Say nothing but results and errors'
complete -c eksso -n "__fish_eksso_using_subcommand ns" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c eksso -n "__fish_eksso_using_subcommand rename" -l session -d 'The session to use [env: EKSSO_SESSION]' -r
complete -c eksso -n "__fish_eksso_using_subcommand rename" -l kubeconfig -d 'The kubeconfig to use instead of KUBECONFIG and ~/.kube/config' -r -F
complete -c eksso -n "__fish_eksso_using_subcommand rename" -l config -d 'The settings to use instead of config.toml [env: EKSSO_CONFIG]' -r -F
complete -c eksso -n "__fish_eksso_using_subcommand rename" -l keyring -d 'Where secrets are kept: auto, secret-service, keychain, wincred, keyutils, passphrase, plaintext [env: EKSSO_KEYRING]' -r
complete -c eksso -n "__fish_eksso_using_subcommand rename" -s o -l output -d 'The form of lists' -r -f -a "table\t'Columns for people'
json\t'One array of objects'
name\t'One name a line'
csv\t'Lines for a review, with access only'
sarif\t'SARIF 2.1.0, for code scanning (audit)'"
complete -c eksso -n "__fish_eksso_using_subcommand rename" -l color -d 'When to use colour (NO_COLOR is honoured)' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Also into files'
never\t'Not at all'"
complete -c eksso -n "__fish_eksso_using_subcommand rename" -s y -l yes -d 'Do not ask where config.toml says that the context asks first, and the new name would not'
complete -c eksso -n "__fish_eksso_using_subcommand rename" -l dry-run -d 'Print what would change as a unified diff, and change nothing'
complete -c eksso -n "__fish_eksso_using_subcommand rename" -l no-input -d 'Never ask, even on a terminal [env: EKSSO_NO_INPUT=1]'
complete -c eksso -n "__fish_eksso_using_subcommand rename" -s v -l verbose -d 'Say how it is done; twice: in more detail'
complete -c eksso -n "__fish_eksso_using_subcommand rename" -s q -l quiet -d 'Say nothing but results and errors'
complete -c eksso -n "__fish_eksso_using_subcommand rename" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c eksso -n "__fish_eksso_using_subcommand rm" -l session -d 'The session to use [env: EKSSO_SESSION]' -r
complete -c eksso -n "__fish_eksso_using_subcommand rm" -l kubeconfig -d 'The kubeconfig to use instead of KUBECONFIG and ~/.kube/config' -r -F
complete -c eksso -n "__fish_eksso_using_subcommand rm" -l config -d 'The settings to use instead of config.toml [env: EKSSO_CONFIG]' -r -F
complete -c eksso -n "__fish_eksso_using_subcommand rm" -l keyring -d 'Where secrets are kept: auto, secret-service, keychain, wincred, keyutils, passphrase, plaintext [env: EKSSO_KEYRING]' -r
complete -c eksso -n "__fish_eksso_using_subcommand rm" -s o -l output -d 'The form of lists' -r -f -a "table\t'Columns for people'
json\t'One array of objects'
name\t'One name a line'
csv\t'Lines for a review, with access only'
sarif\t'SARIF 2.1.0, for code scanning (audit)'"
complete -c eksso -n "__fish_eksso_using_subcommand rm" -l color -d 'When to use colour (NO_COLOR is honoured)' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Also into files'
never\t'Not at all'"
complete -c eksso -n "__fish_eksso_using_subcommand rm" -l dry-run -d 'Print what would change as a unified diff, and change nothing'
complete -c eksso -n "__fish_eksso_using_subcommand rm" -l no-input -d 'Never ask, even on a terminal [env: EKSSO_NO_INPUT=1]'
complete -c eksso -n "__fish_eksso_using_subcommand rm" -s v -l verbose -d 'Say how it is done; twice: in more detail'
complete -c eksso -n "__fish_eksso_using_subcommand rm" -s q -l quiet -d 'Say nothing but results and errors'
complete -c eksso -n "__fish_eksso_using_subcommand rm" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c eksso -n "__fish_eksso_using_subcommand whoami" -s n -l namespace -d 'The namespace whose rules are shown; the context\'s where none is named' -r
complete -c eksso -n "__fish_eksso_using_subcommand whoami" -l session -d 'The session to use [env: EKSSO_SESSION]' -r
complete -c eksso -n "__fish_eksso_using_subcommand whoami" -l kubeconfig -d 'The kubeconfig to use instead of KUBECONFIG and ~/.kube/config' -r -F
complete -c eksso -n "__fish_eksso_using_subcommand whoami" -l config -d 'The settings to use instead of config.toml [env: EKSSO_CONFIG]' -r -F
complete -c eksso -n "__fish_eksso_using_subcommand whoami" -l keyring -d 'Where secrets are kept: auto, secret-service, keychain, wincred, keyutils, passphrase, plaintext [env: EKSSO_KEYRING]' -r
complete -c eksso -n "__fish_eksso_using_subcommand whoami" -s o -l output -d 'The form of lists' -r -f -a "table\t'Columns for people'
json\t'One array of objects'
name\t'One name a line'
csv\t'Lines for a review, with access only'
sarif\t'SARIF 2.1.0, for code scanning (audit)'"
complete -c eksso -n "__fish_eksso_using_subcommand whoami" -l color -d 'When to use colour (NO_COLOR is honoured)' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Also into files'
never\t'Not at all'"
complete -c eksso -n "__fish_eksso_using_subcommand whoami" -l no-input -d 'Never ask, even on a terminal [env: EKSSO_NO_INPUT=1]'
complete -c eksso -n "__fish_eksso_using_subcommand whoami" -s v -l verbose -d 'Say how it is done; twice: in more detail'
complete -c eksso -n "__fish_eksso_using_subcommand whoami" -s q -l quiet -d 'Say nothing but results and errors'
complete -c eksso -n "__fish_eksso_using_subcommand whoami" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c eksso -n "__fish_eksso_using_subcommand console" -l session -d 'The session to use [env: EKSSO_SESSION]' -r
complete -c eksso -n "__fish_eksso_using_subcommand console" -l kubeconfig -d 'The kubeconfig to use instead of KUBECONFIG and ~/.kube/config' -r -F
complete -c eksso -n "__fish_eksso_using_subcommand console" -l config -d 'The settings to use instead of config.toml [env: EKSSO_CONFIG]' -r -F
complete -c eksso -n "__fish_eksso_using_subcommand console" -l keyring -d 'Where secrets are kept: auto, secret-service, keychain, wincred, keyutils, passphrase, plaintext [env: EKSSO_KEYRING]' -r
complete -c eksso -n "__fish_eksso_using_subcommand console" -s o -l output -d 'The form of lists' -r -f -a "table\t'Columns for people'
json\t'One array of objects'
name\t'One name a line'
csv\t'Lines for a review, with access only'
sarif\t'SARIF 2.1.0, for code scanning (audit)'"
complete -c eksso -n "__fish_eksso_using_subcommand console" -l color -d 'When to use colour (NO_COLOR is honoured)' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Also into files'
never\t'Not at all'"
complete -c eksso -n "__fish_eksso_using_subcommand console" -l print -d 'Print the address and open nothing; with Okta, and for assumed roles, it is a secret for some minutes'
complete -c eksso -n "__fish_eksso_using_subcommand console" -s y -l yes -d 'Do not ask where config.toml says that a context asks first'
complete -c eksso -n "__fish_eksso_using_subcommand console" -l no-input -d 'Never ask, even on a terminal [env: EKSSO_NO_INPUT=1]'
complete -c eksso -n "__fish_eksso_using_subcommand console" -s v -l verbose -d 'Say how it is done; twice: in more detail'
complete -c eksso -n "__fish_eksso_using_subcommand console" -s q -l quiet -d 'Say nothing but results and errors'
complete -c eksso -n "__fish_eksso_using_subcommand console" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c eksso -n "__fish_eksso_using_subcommand doctor" -l bundle -d 'Also write a report without names and secrets to a new file, for a bug tracker (JSON)' -r -F
complete -c eksso -n "__fish_eksso_using_subcommand doctor" -l session -d 'The session to use [env: EKSSO_SESSION]' -r
complete -c eksso -n "__fish_eksso_using_subcommand doctor" -l kubeconfig -d 'The kubeconfig to use instead of KUBECONFIG and ~/.kube/config' -r -F
complete -c eksso -n "__fish_eksso_using_subcommand doctor" -l config -d 'The settings to use instead of config.toml [env: EKSSO_CONFIG]' -r -F
complete -c eksso -n "__fish_eksso_using_subcommand doctor" -l keyring -d 'Where secrets are kept: auto, secret-service, keychain, wincred, keyutils, passphrase, plaintext [env: EKSSO_KEYRING]' -r
complete -c eksso -n "__fish_eksso_using_subcommand doctor" -s o -l output -d 'The form of lists' -r -f -a "table\t'Columns for people'
json\t'One array of objects'
name\t'One name a line'
csv\t'Lines for a review, with access only'
sarif\t'SARIF 2.1.0, for code scanning (audit)'"
complete -c eksso -n "__fish_eksso_using_subcommand doctor" -l color -d 'When to use colour (NO_COLOR is honoured)' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Also into files'
never\t'Not at all'"
complete -c eksso -n "__fish_eksso_using_subcommand doctor" -l no-input -d 'Never ask, even on a terminal [env: EKSSO_NO_INPUT=1]'
complete -c eksso -n "__fish_eksso_using_subcommand doctor" -s v -l verbose -d 'Say how it is done; twice: in more detail'
complete -c eksso -n "__fish_eksso_using_subcommand doctor" -s q -l quiet -d 'Say nothing but results and errors'
complete -c eksso -n "__fish_eksso_using_subcommand doctor" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c eksso -n "__fish_eksso_using_subcommand access; and not __fish_seen_subcommand_from snapshot diff help" -l account -d 'Accounts by id or name, with * and ? as wildcards' -r
complete -c eksso -n "__fish_eksso_using_subcommand access; and not __fish_seen_subcommand_from snapshot diff help" -l role -d 'Roles (permission sets) by name, with wildcards' -r
complete -c eksso -n "__fish_eksso_using_subcommand access; and not __fish_seen_subcommand_from snapshot diff help" -l filter -d 'The filter that config.toml has under [filters.NAME]; what is given beside it counts in place of its lists' -r
complete -c eksso -n "__fish_eksso_using_subcommand access; and not __fish_seen_subcommand_from snapshot diff help" -l region -d 'Regions, with wildcards; without it, `regions` of config.toml, else all regions of EKS' -r
complete -c eksso -n "__fish_eksso_using_subcommand access; and not __fish_seen_subcommand_from snapshot diff help" -l cluster -d 'Clusters by name, with wildcards' -r
complete -c eksso -n "__fish_eksso_using_subcommand access; and not __fish_seen_subcommand_from snapshot diff help" -l tag -d 'Clusters by tag, with wildcards in the value; KEY alone: any value. One key several times: any of the values' -r
complete -c eksso -n "__fish_eksso_using_subcommand access; and not __fish_seen_subcommand_from snapshot diff help" -l credentials -d 'Whose credentials are used: those of the session, or, in CI, those of the environment (AWS_ACCESS_KEY_ID, or AWS_WEB_IDENTITY_TOKEN_FILE with AWS_ROLE_ARN), which then assume the role that `[access] assume` names in each account' -r -f -a "session\t'Roles of the signed-in person'
environment\t'The environment\'s own: nobody signs in'"
complete -c eksso -n "__fish_eksso_using_subcommand access; and not __fish_seen_subcommand_from snapshot diff help" -l who -d 'Only what a person, a group or a role reaches; for somebody who is disabled or no longer in the directory also what still lives, what to revoke, and which ways in do not pass the directory' -r
complete -c eksso -n "__fish_eksso_using_subcommand access; and not __fish_seen_subcommand_from snapshot diff help" -l who-can -d 'Who may do something, and by which path, such as `--who-can create pods/exec -n web`' -r
complete -c eksso -n "__fish_eksso_using_subcommand access; and not __fish_seen_subcommand_from snapshot diff help" -s n -l namespace -d 'With --who-can: in which namespace; without it, in all of them at once' -r
complete -c eksso -n "__fish_eksso_using_subcommand access; and not __fish_seen_subcommand_from snapshot diff help" -l name -d 'With --who-can: to the object of which name' -r
complete -c eksso -n "__fish_eksso_using_subcommand access; and not __fish_seen_subcommand_from snapshot diff help" -l html -d 'Write a page that works from a file: a table to search and to filter, and a graph of what is selected in it' -r -F
complete -c eksso -n "__fish_eksso_using_subcommand access; and not __fish_seen_subcommand_from snapshot diff help" -l session -d 'The session to use [env: EKSSO_SESSION]' -r
complete -c eksso -n "__fish_eksso_using_subcommand access; and not __fish_seen_subcommand_from snapshot diff help" -l kubeconfig -d 'The kubeconfig to use instead of KUBECONFIG and ~/.kube/config' -r -F
complete -c eksso -n "__fish_eksso_using_subcommand access; and not __fish_seen_subcommand_from snapshot diff help" -l config -d 'The settings to use instead of config.toml [env: EKSSO_CONFIG]' -r -F
complete -c eksso -n "__fish_eksso_using_subcommand access; and not __fish_seen_subcommand_from snapshot diff help" -l keyring -d 'Where secrets are kept: auto, secret-service, keychain, wincred, keyutils, passphrase, plaintext [env: EKSSO_KEYRING]' -r
complete -c eksso -n "__fish_eksso_using_subcommand access; and not __fish_seen_subcommand_from snapshot diff help" -s o -l output -d 'The form of lists' -r -f -a "table\t'Columns for people'
json\t'One array of objects'
name\t'One name a line'
csv\t'Lines for a review, with access only'
sarif\t'SARIF 2.1.0, for code scanning (audit)'"
complete -c eksso -n "__fish_eksso_using_subcommand access; and not __fish_seen_subcommand_from snapshot diff help" -l color -d 'When to use colour (NO_COLOR is honoured)' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Also into files'
never\t'Not at all'"
complete -c eksso -n "__fish_eksso_using_subcommand access; and not __fish_seen_subcommand_from snapshot diff help" -l all-sessions -d 'As every session that is configured, all in one list'
complete -c eksso -n "__fish_eksso_using_subcommand access; and not __fish_seen_subcommand_from snapshot diff help" -l refresh -d 'Read everything again, however lately it was read'
complete -c eksso -n "__fish_eksso_using_subcommand access; and not __fish_seen_subcommand_from snapshot diff help" -l mermaid -d 'Print a Mermaid flowchart'
complete -c eksso -n "__fish_eksso_using_subcommand access; and not __fish_seen_subcommand_from snapshot diff help" -l dot -d 'Print a graph for Graphviz'
complete -c eksso -n "__fish_eksso_using_subcommand access; and not __fish_seen_subcommand_from snapshot diff help" -l no-input -d 'Never ask, even on a terminal [env: EKSSO_NO_INPUT=1]'
complete -c eksso -n "__fish_eksso_using_subcommand access; and not __fish_seen_subcommand_from snapshot diff help" -s v -l verbose -d 'Say how it is done; twice: in more detail'
complete -c eksso -n "__fish_eksso_using_subcommand access; and not __fish_seen_subcommand_from snapshot diff help" -s q -l quiet -d 'Say nothing but results and errors'
complete -c eksso -n "__fish_eksso_using_subcommand access; and not __fish_seen_subcommand_from snapshot diff help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c eksso -n "__fish_eksso_using_subcommand access; and not __fish_seen_subcommand_from snapshot diff help" -a "snapshot" -d 'Keep who may do what in a file, to compare it later'
complete -c eksso -n "__fish_eksso_using_subcommand access; and not __fish_seen_subcommand_from snapshot diff help" -a "diff" -d 'Show what somebody gained and lost between two snapshots'
complete -c eksso -n "__fish_eksso_using_subcommand access; and not __fish_seen_subcommand_from snapshot diff help" -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c eksso -n "__fish_eksso_using_subcommand access; and __fish_seen_subcommand_from snapshot" -l account -d 'Accounts by id or name, with * and ? as wildcards' -r
complete -c eksso -n "__fish_eksso_using_subcommand access; and __fish_seen_subcommand_from snapshot" -l role -d 'Roles (permission sets) by name, with wildcards' -r
complete -c eksso -n "__fish_eksso_using_subcommand access; and __fish_seen_subcommand_from snapshot" -l filter -d 'The filter that config.toml has under [filters.NAME]; what is given beside it counts in place of its lists' -r
complete -c eksso -n "__fish_eksso_using_subcommand access; and __fish_seen_subcommand_from snapshot" -l region -d 'Regions, with wildcards; without it, `regions` of config.toml, else all regions of EKS' -r
complete -c eksso -n "__fish_eksso_using_subcommand access; and __fish_seen_subcommand_from snapshot" -l cluster -d 'Clusters by name, with wildcards' -r
complete -c eksso -n "__fish_eksso_using_subcommand access; and __fish_seen_subcommand_from snapshot" -l tag -d 'Clusters by tag, with wildcards in the value; KEY alone: any value. One key several times: any of the values' -r
complete -c eksso -n "__fish_eksso_using_subcommand access; and __fish_seen_subcommand_from snapshot" -l credentials -d 'Whose credentials are used: those of the session, or, in CI, those of the environment (AWS_ACCESS_KEY_ID, or AWS_WEB_IDENTITY_TOKEN_FILE with AWS_ROLE_ARN), which then assume the role that `[access] assume` names in each account' -r -f -a "session\t'Roles of the signed-in person'
environment\t'The environment\'s own: nobody signs in'"
complete -c eksso -n "__fish_eksso_using_subcommand access; and __fish_seen_subcommand_from snapshot" -l session -d 'The session to use [env: EKSSO_SESSION]' -r
complete -c eksso -n "__fish_eksso_using_subcommand access; and __fish_seen_subcommand_from snapshot" -l kubeconfig -d 'The kubeconfig to use instead of KUBECONFIG and ~/.kube/config' -r -F
complete -c eksso -n "__fish_eksso_using_subcommand access; and __fish_seen_subcommand_from snapshot" -l config -d 'The settings to use instead of config.toml [env: EKSSO_CONFIG]' -r -F
complete -c eksso -n "__fish_eksso_using_subcommand access; and __fish_seen_subcommand_from snapshot" -l keyring -d 'Where secrets are kept: auto, secret-service, keychain, wincred, keyutils, passphrase, plaintext [env: EKSSO_KEYRING]' -r
complete -c eksso -n "__fish_eksso_using_subcommand access; and __fish_seen_subcommand_from snapshot" -s o -l output -d 'The form of lists' -r -f -a "table\t'Columns for people'
json\t'One array of objects'
name\t'One name a line'
csv\t'Lines for a review, with access only'
sarif\t'SARIF 2.1.0, for code scanning (audit)'"
complete -c eksso -n "__fish_eksso_using_subcommand access; and __fish_seen_subcommand_from snapshot" -l color -d 'When to use colour (NO_COLOR is honoured)' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Also into files'
never\t'Not at all'"
complete -c eksso -n "__fish_eksso_using_subcommand access; and __fish_seen_subcommand_from snapshot" -l all-sessions -d 'As every session that is configured, all in one list'
complete -c eksso -n "__fish_eksso_using_subcommand access; and __fish_seen_subcommand_from snapshot" -l refresh -d 'Read everything again, however lately it was read'
complete -c eksso -n "__fish_eksso_using_subcommand access; and __fish_seen_subcommand_from snapshot" -l no-input -d 'Never ask, even on a terminal [env: EKSSO_NO_INPUT=1]'
complete -c eksso -n "__fish_eksso_using_subcommand access; and __fish_seen_subcommand_from snapshot" -s v -l verbose -d 'Say how it is done; twice: in more detail'
complete -c eksso -n "__fish_eksso_using_subcommand access; and __fish_seen_subcommand_from snapshot" -s q -l quiet -d 'Say nothing but results and errors'
complete -c eksso -n "__fish_eksso_using_subcommand access; and __fish_seen_subcommand_from snapshot" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c eksso -n "__fish_eksso_using_subcommand access; and __fish_seen_subcommand_from diff" -l session -d 'The session to use [env: EKSSO_SESSION]' -r
complete -c eksso -n "__fish_eksso_using_subcommand access; and __fish_seen_subcommand_from diff" -l kubeconfig -d 'The kubeconfig to use instead of KUBECONFIG and ~/.kube/config' -r -F
complete -c eksso -n "__fish_eksso_using_subcommand access; and __fish_seen_subcommand_from diff" -l config -d 'The settings to use instead of config.toml [env: EKSSO_CONFIG]' -r -F
complete -c eksso -n "__fish_eksso_using_subcommand access; and __fish_seen_subcommand_from diff" -l keyring -d 'Where secrets are kept: auto, secret-service, keychain, wincred, keyutils, passphrase, plaintext [env: EKSSO_KEYRING]' -r
complete -c eksso -n "__fish_eksso_using_subcommand access; and __fish_seen_subcommand_from diff" -s o -l output -d 'The form of lists' -r -f -a "table\t'Columns for people'
json\t'One array of objects'
name\t'One name a line'
csv\t'Lines for a review, with access only'
sarif\t'SARIF 2.1.0, for code scanning (audit)'"
complete -c eksso -n "__fish_eksso_using_subcommand access; and __fish_seen_subcommand_from diff" -l color -d 'When to use colour (NO_COLOR is honoured)' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Also into files'
never\t'Not at all'"
complete -c eksso -n "__fish_eksso_using_subcommand access; and __fish_seen_subcommand_from diff" -l exit-code -d 'Exit with 4 where somebody gained or lost something, with 6 where nothing did, but something could not be compared'
complete -c eksso -n "__fish_eksso_using_subcommand access; and __fish_seen_subcommand_from diff" -l no-input -d 'Never ask, even on a terminal [env: EKSSO_NO_INPUT=1]'
complete -c eksso -n "__fish_eksso_using_subcommand access; and __fish_seen_subcommand_from diff" -s v -l verbose -d 'Say how it is done; twice: in more detail'
complete -c eksso -n "__fish_eksso_using_subcommand access; and __fish_seen_subcommand_from diff" -s q -l quiet -d 'Say nothing but results and errors'
complete -c eksso -n "__fish_eksso_using_subcommand access; and __fish_seen_subcommand_from diff" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c eksso -n "__fish_eksso_using_subcommand access; and __fish_seen_subcommand_from help" -f -a "snapshot" -d 'Keep who may do what in a file, to compare it later'
complete -c eksso -n "__fish_eksso_using_subcommand access; and __fish_seen_subcommand_from help" -f -a "diff" -d 'Show what somebody gained and lost between two snapshots'
complete -c eksso -n "__fish_eksso_using_subcommand access; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c eksso -n "__fish_eksso_using_subcommand audit; and not __fish_seen_subcommand_from rules explain help" -l account -d 'Accounts by id or name, with * and ? as wildcards' -r
complete -c eksso -n "__fish_eksso_using_subcommand audit; and not __fish_seen_subcommand_from rules explain help" -l role -d 'Roles (permission sets) by name, with wildcards' -r
complete -c eksso -n "__fish_eksso_using_subcommand audit; and not __fish_seen_subcommand_from rules explain help" -l filter -d 'The filter that config.toml has under [filters.NAME]; what is given beside it counts in place of its lists' -r
complete -c eksso -n "__fish_eksso_using_subcommand audit; and not __fish_seen_subcommand_from rules explain help" -l region -d 'Regions, with wildcards; without it, `regions` of config.toml, else all regions of EKS' -r
complete -c eksso -n "__fish_eksso_using_subcommand audit; and not __fish_seen_subcommand_from rules explain help" -l cluster -d 'Clusters by name, with wildcards' -r
complete -c eksso -n "__fish_eksso_using_subcommand audit; and not __fish_seen_subcommand_from rules explain help" -l tag -d 'Clusters by tag, with wildcards in the value; KEY alone: any value. One key several times: any of the values' -r
complete -c eksso -n "__fish_eksso_using_subcommand audit; and not __fish_seen_subcommand_from rules explain help" -l credentials -d 'Whose credentials are used: those of the session, or, in CI, those of the environment (AWS_ACCESS_KEY_ID, or AWS_WEB_IDENTITY_TOKEN_FILE with AWS_ROLE_ARN), which then assume the role that `[access] assume` names in each account' -r -f -a "session\t'Roles of the signed-in person'
environment\t'The environment\'s own: nobody signs in'"
complete -c eksso -n "__fish_eksso_using_subcommand audit; and not __fish_seen_subcommand_from rules explain help" -l min-severity -d 'Show findings from this severity on, and exit with 4 for them; without it all are shown, and those from low on count. Those of info never count' -r -f -a "info\t'Worth knowing; never counts'
low\t'Untidy, or a step away from trouble'
medium\t'Weakens what single sign-on is there for'
high\t'Lets somebody in, or further, than is meant'
critical\t'Opens a cluster, or the account'"
complete -c eksso -n "__fish_eksso_using_subcommand audit; and not __fish_seen_subcommand_from rules explain help" -l rule -d 'Judge by this rule only; repeatable' -r
complete -c eksso -n "__fish_eksso_using_subcommand audit; and not __fish_seen_subcommand_from rules explain help" -l file -d 'The reviewed file with tiers and suppressions; access.toml in this folder, if it is there, where none is named' -r -F
complete -c eksso -n "__fish_eksso_using_subcommand audit; and not __fish_seen_subcommand_from rules explain help" -l html -d 'Write a page that works from a file: the findings, and who is let in' -r -F
complete -c eksso -n "__fish_eksso_using_subcommand audit; and not __fish_seen_subcommand_from rules explain help" -l print-policy -d 'Print the rights that a run needs, and do nothing else: an IAM policy, or a ClusterRole with its binding' -r -f -a "iam\t'The IAM policy, as JSON'
kubernetes\t'The ClusterRole and its binding, as YAML'"
complete -c eksso -n "__fish_eksso_using_subcommand audit; and not __fish_seen_subcommand_from rules explain help" -l session -d 'The session to use [env: EKSSO_SESSION]' -r
complete -c eksso -n "__fish_eksso_using_subcommand audit; and not __fish_seen_subcommand_from rules explain help" -l kubeconfig -d 'The kubeconfig to use instead of KUBECONFIG and ~/.kube/config' -r -F
complete -c eksso -n "__fish_eksso_using_subcommand audit; and not __fish_seen_subcommand_from rules explain help" -l config -d 'The settings to use instead of config.toml [env: EKSSO_CONFIG]' -r -F
complete -c eksso -n "__fish_eksso_using_subcommand audit; and not __fish_seen_subcommand_from rules explain help" -l keyring -d 'Where secrets are kept: auto, secret-service, keychain, wincred, keyutils, passphrase, plaintext [env: EKSSO_KEYRING]' -r
complete -c eksso -n "__fish_eksso_using_subcommand audit; and not __fish_seen_subcommand_from rules explain help" -s o -l output -d 'The form of lists' -r -f -a "table\t'Columns for people'
json\t'One array of objects'
name\t'One name a line'
csv\t'Lines for a review, with access only'
sarif\t'SARIF 2.1.0, for code scanning (audit)'"
complete -c eksso -n "__fish_eksso_using_subcommand audit; and not __fish_seen_subcommand_from rules explain help" -l color -d 'When to use colour (NO_COLOR is honoured)' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Also into files'
never\t'Not at all'"
complete -c eksso -n "__fish_eksso_using_subcommand audit; and not __fish_seen_subcommand_from rules explain help" -l all-sessions -d 'As every session that is configured, all in one list'
complete -c eksso -n "__fish_eksso_using_subcommand audit; and not __fish_seen_subcommand_from rules explain help" -l refresh -d 'Read everything again, however lately it was read'
complete -c eksso -n "__fish_eksso_using_subcommand audit; and not __fish_seen_subcommand_from rules explain help" -l no-input -d 'Never ask, even on a terminal [env: EKSSO_NO_INPUT=1]'
complete -c eksso -n "__fish_eksso_using_subcommand audit; and not __fish_seen_subcommand_from rules explain help" -s v -l verbose -d 'Say how it is done; twice: in more detail'
complete -c eksso -n "__fish_eksso_using_subcommand audit; and not __fish_seen_subcommand_from rules explain help" -s q -l quiet -d 'Say nothing but results and errors'
complete -c eksso -n "__fish_eksso_using_subcommand audit; and not __fish_seen_subcommand_from rules explain help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c eksso -n "__fish_eksso_using_subcommand audit; and not __fish_seen_subcommand_from rules explain help" -a "rules" -d 'List the rules: id, severity, title, tags, and whether a rule can judge a plan with nobody asked'
complete -c eksso -n "__fish_eksso_using_subcommand audit; and not __fish_seen_subcommand_from rules explain help" -a "explain" -d 'Tell what a rule looks for, why it matters, and how to mend it'
complete -c eksso -n "__fish_eksso_using_subcommand audit; and not __fish_seen_subcommand_from rules explain help" -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c eksso -n "__fish_eksso_using_subcommand audit; and __fish_seen_subcommand_from rules" -l session -d 'The session to use [env: EKSSO_SESSION]' -r
complete -c eksso -n "__fish_eksso_using_subcommand audit; and __fish_seen_subcommand_from rules" -l kubeconfig -d 'The kubeconfig to use instead of KUBECONFIG and ~/.kube/config' -r -F
complete -c eksso -n "__fish_eksso_using_subcommand audit; and __fish_seen_subcommand_from rules" -l config -d 'The settings to use instead of config.toml [env: EKSSO_CONFIG]' -r -F
complete -c eksso -n "__fish_eksso_using_subcommand audit; and __fish_seen_subcommand_from rules" -l keyring -d 'Where secrets are kept: auto, secret-service, keychain, wincred, keyutils, passphrase, plaintext [env: EKSSO_KEYRING]' -r
complete -c eksso -n "__fish_eksso_using_subcommand audit; and __fish_seen_subcommand_from rules" -s o -l output -d 'The form of lists' -r -f -a "table\t'Columns for people'
json\t'One array of objects'
name\t'One name a line'
csv\t'Lines for a review, with access only'
sarif\t'SARIF 2.1.0, for code scanning (audit)'"
complete -c eksso -n "__fish_eksso_using_subcommand audit; and __fish_seen_subcommand_from rules" -l color -d 'When to use colour (NO_COLOR is honoured)' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Also into files'
never\t'Not at all'"
complete -c eksso -n "__fish_eksso_using_subcommand audit; and __fish_seen_subcommand_from rules" -l no-input -d 'Never ask, even on a terminal [env: EKSSO_NO_INPUT=1]'
complete -c eksso -n "__fish_eksso_using_subcommand audit; and __fish_seen_subcommand_from rules" -s v -l verbose -d 'Say how it is done; twice: in more detail'
complete -c eksso -n "__fish_eksso_using_subcommand audit; and __fish_seen_subcommand_from rules" -s q -l quiet -d 'Say nothing but results and errors'
complete -c eksso -n "__fish_eksso_using_subcommand audit; and __fish_seen_subcommand_from rules" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c eksso -n "__fish_eksso_using_subcommand audit; and __fish_seen_subcommand_from explain" -l session -d 'The session to use [env: EKSSO_SESSION]' -r
complete -c eksso -n "__fish_eksso_using_subcommand audit; and __fish_seen_subcommand_from explain" -l kubeconfig -d 'The kubeconfig to use instead of KUBECONFIG and ~/.kube/config' -r -F
complete -c eksso -n "__fish_eksso_using_subcommand audit; and __fish_seen_subcommand_from explain" -l config -d 'The settings to use instead of config.toml [env: EKSSO_CONFIG]' -r -F
complete -c eksso -n "__fish_eksso_using_subcommand audit; and __fish_seen_subcommand_from explain" -l keyring -d 'Where secrets are kept: auto, secret-service, keychain, wincred, keyutils, passphrase, plaintext [env: EKSSO_KEYRING]' -r
complete -c eksso -n "__fish_eksso_using_subcommand audit; and __fish_seen_subcommand_from explain" -s o -l output -d 'The form of lists' -r -f -a "table\t'Columns for people'
json\t'One array of objects'
name\t'One name a line'
csv\t'Lines for a review, with access only'
sarif\t'SARIF 2.1.0, for code scanning (audit)'"
complete -c eksso -n "__fish_eksso_using_subcommand audit; and __fish_seen_subcommand_from explain" -l color -d 'When to use colour (NO_COLOR is honoured)' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Also into files'
never\t'Not at all'"
complete -c eksso -n "__fish_eksso_using_subcommand audit; and __fish_seen_subcommand_from explain" -l no-input -d 'Never ask, even on a terminal [env: EKSSO_NO_INPUT=1]'
complete -c eksso -n "__fish_eksso_using_subcommand audit; and __fish_seen_subcommand_from explain" -s v -l verbose -d 'Say how it is done; twice: in more detail'
complete -c eksso -n "__fish_eksso_using_subcommand audit; and __fish_seen_subcommand_from explain" -s q -l quiet -d 'Say nothing but results and errors'
complete -c eksso -n "__fish_eksso_using_subcommand audit; and __fish_seen_subcommand_from explain" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c eksso -n "__fish_eksso_using_subcommand audit; and __fish_seen_subcommand_from help" -f -a "rules" -d 'List the rules: id, severity, title, tags, and whether a rule can judge a plan with nobody asked'
complete -c eksso -n "__fish_eksso_using_subcommand audit; and __fish_seen_subcommand_from help" -f -a "explain" -d 'Tell what a rule looks for, why it matters, and how to mend it'
complete -c eksso -n "__fish_eksso_using_subcommand audit; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c eksso -n "__fish_eksso_using_subcommand scaffold; and not __fish_seen_subcommand_from init check write diff from-live help" -l session -d 'The session to use [env: EKSSO_SESSION]' -r
complete -c eksso -n "__fish_eksso_using_subcommand scaffold; and not __fish_seen_subcommand_from init check write diff from-live help" -l kubeconfig -d 'The kubeconfig to use instead of KUBECONFIG and ~/.kube/config' -r -F
complete -c eksso -n "__fish_eksso_using_subcommand scaffold; and not __fish_seen_subcommand_from init check write diff from-live help" -l config -d 'The settings to use instead of config.toml [env: EKSSO_CONFIG]' -r -F
complete -c eksso -n "__fish_eksso_using_subcommand scaffold; and not __fish_seen_subcommand_from init check write diff from-live help" -l keyring -d 'Where secrets are kept: auto, secret-service, keychain, wincred, keyutils, passphrase, plaintext [env: EKSSO_KEYRING]' -r
complete -c eksso -n "__fish_eksso_using_subcommand scaffold; and not __fish_seen_subcommand_from init check write diff from-live help" -s o -l output -d 'The form of lists' -r -f -a "table\t'Columns for people'
json\t'One array of objects'
name\t'One name a line'
csv\t'Lines for a review, with access only'
sarif\t'SARIF 2.1.0, for code scanning (audit)'"
complete -c eksso -n "__fish_eksso_using_subcommand scaffold; and not __fish_seen_subcommand_from init check write diff from-live help" -l color -d 'When to use colour (NO_COLOR is honoured)' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Also into files'
never\t'Not at all'"
complete -c eksso -n "__fish_eksso_using_subcommand scaffold; and not __fish_seen_subcommand_from init check write diff from-live help" -l no-input -d 'Never ask, even on a terminal [env: EKSSO_NO_INPUT=1]'
complete -c eksso -n "__fish_eksso_using_subcommand scaffold; and not __fish_seen_subcommand_from init check write diff from-live help" -s v -l verbose -d 'Say how it is done; twice: in more detail'
complete -c eksso -n "__fish_eksso_using_subcommand scaffold; and not __fish_seen_subcommand_from init check write diff from-live help" -s q -l quiet -d 'Say nothing but results and errors'
complete -c eksso -n "__fish_eksso_using_subcommand scaffold; and not __fish_seen_subcommand_from init check write diff from-live help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c eksso -n "__fish_eksso_using_subcommand scaffold; and not __fish_seen_subcommand_from init check write diff from-live help" -f -a "init" -d 'Write a commented access.toml to begin with; never over a file that is there'
complete -c eksso -n "__fish_eksso_using_subcommand scaffold; and not __fish_seen_subcommand_from init check write diff from-live help" -f -a "check" -d 'Show who may do what, as a matrix, before anything is applied; asks nobody'
complete -c eksso -n "__fish_eksso_using_subcommand scaffold; and not __fish_seen_subcommand_from init check write diff from-live help" -f -a "write" -d 'Write the code into a folder; without a kind, all kinds'
complete -c eksso -n "__fish_eksso_using_subcommand scaffold; and not __fish_seen_subcommand_from init check write diff from-live help" -f -a "diff" -d 'Compare what there is with the file: drift'
complete -c eksso -n "__fish_eksso_using_subcommand scaffold; and not __fish_seen_subcommand_from init check write diff from-live help" -f -a "from-live" -d 'Write an access.toml of what clusters have today; never over a file that is there'
complete -c eksso -n "__fish_eksso_using_subcommand scaffold; and not __fish_seen_subcommand_from init check write diff from-live help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c eksso -n "__fish_eksso_using_subcommand scaffold; and __fish_seen_subcommand_from init" -l account -d 'The account of the first cluster' -r
complete -c eksso -n "__fish_eksso_using_subcommand scaffold; and __fish_seen_subcommand_from init" -l region -d 'Its region' -r
complete -c eksso -n "__fish_eksso_using_subcommand scaffold; and __fish_seen_subcommand_from init" -l cluster -d 'Its name' -r
complete -c eksso -n "__fish_eksso_using_subcommand scaffold; and __fish_seen_subcommand_from init" -l okta -d 'The SAML provider of Okta in the accounts, where people come by Okta, not by Identity Center' -r
complete -c eksso -n "__fish_eksso_using_subcommand scaffold; and __fish_seen_subcommand_from init" -l session -d 'The session to use [env: EKSSO_SESSION]' -r
complete -c eksso -n "__fish_eksso_using_subcommand scaffold; and __fish_seen_subcommand_from init" -l kubeconfig -d 'The kubeconfig to use instead of KUBECONFIG and ~/.kube/config' -r -F
complete -c eksso -n "__fish_eksso_using_subcommand scaffold; and __fish_seen_subcommand_from init" -l config -d 'The settings to use instead of config.toml [env: EKSSO_CONFIG]' -r -F
complete -c eksso -n "__fish_eksso_using_subcommand scaffold; and __fish_seen_subcommand_from init" -l keyring -d 'Where secrets are kept: auto, secret-service, keychain, wincred, keyutils, passphrase, plaintext [env: EKSSO_KEYRING]' -r
complete -c eksso -n "__fish_eksso_using_subcommand scaffold; and __fish_seen_subcommand_from init" -s o -l output -d 'The form of lists' -r -f -a "table\t'Columns for people'
json\t'One array of objects'
name\t'One name a line'
csv\t'Lines for a review, with access only'
sarif\t'SARIF 2.1.0, for code scanning (audit)'"
complete -c eksso -n "__fish_eksso_using_subcommand scaffold; and __fish_seen_subcommand_from init" -l color -d 'When to use colour (NO_COLOR is honoured)' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Also into files'
never\t'Not at all'"
complete -c eksso -n "__fish_eksso_using_subcommand scaffold; and __fish_seen_subcommand_from init" -l no-input -d 'Never ask, even on a terminal [env: EKSSO_NO_INPUT=1]'
complete -c eksso -n "__fish_eksso_using_subcommand scaffold; and __fish_seen_subcommand_from init" -s v -l verbose -d 'Say how it is done; twice: in more detail'
complete -c eksso -n "__fish_eksso_using_subcommand scaffold; and __fish_seen_subcommand_from init" -s q -l quiet -d 'Say nothing but results and errors'
complete -c eksso -n "__fish_eksso_using_subcommand scaffold; and __fish_seen_subcommand_from init" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c eksso -n "__fish_eksso_using_subcommand scaffold; and __fish_seen_subcommand_from check" -l file -d 'The reviewed file; access.toml of this folder without it' -r -F
complete -c eksso -n "__fish_eksso_using_subcommand scaffold; and __fish_seen_subcommand_from check" -l session -d 'The session to use [env: EKSSO_SESSION]' -r
complete -c eksso -n "__fish_eksso_using_subcommand scaffold; and __fish_seen_subcommand_from check" -l kubeconfig -d 'The kubeconfig to use instead of KUBECONFIG and ~/.kube/config' -r -F
complete -c eksso -n "__fish_eksso_using_subcommand scaffold; and __fish_seen_subcommand_from check" -l config -d 'The settings to use instead of config.toml [env: EKSSO_CONFIG]' -r -F
complete -c eksso -n "__fish_eksso_using_subcommand scaffold; and __fish_seen_subcommand_from check" -l keyring -d 'Where secrets are kept: auto, secret-service, keychain, wincred, keyutils, passphrase, plaintext [env: EKSSO_KEYRING]' -r
complete -c eksso -n "__fish_eksso_using_subcommand scaffold; and __fish_seen_subcommand_from check" -s o -l output -d 'The form of lists' -r -f -a "table\t'Columns for people'
json\t'One array of objects'
name\t'One name a line'
csv\t'Lines for a review, with access only'
sarif\t'SARIF 2.1.0, for code scanning (audit)'"
complete -c eksso -n "__fish_eksso_using_subcommand scaffold; and __fish_seen_subcommand_from check" -l color -d 'When to use colour (NO_COLOR is honoured)' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Also into files'
never\t'Not at all'"
complete -c eksso -n "__fish_eksso_using_subcommand scaffold; and __fish_seen_subcommand_from check" -l no-input -d 'Never ask, even on a terminal [env: EKSSO_NO_INPUT=1]'
complete -c eksso -n "__fish_eksso_using_subcommand scaffold; and __fish_seen_subcommand_from check" -s v -l verbose -d 'Say how it is done; twice: in more detail'
complete -c eksso -n "__fish_eksso_using_subcommand scaffold; and __fish_seen_subcommand_from check" -s q -l quiet -d 'Say nothing but results and errors'
complete -c eksso -n "__fish_eksso_using_subcommand scaffold; and __fish_seen_subcommand_from check" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c eksso -n "__fish_eksso_using_subcommand scaffold; and __fish_seen_subcommand_from write" -l to -d 'The folder' -r -F
complete -c eksso -n "__fish_eksso_using_subcommand scaffold; and __fish_seen_subcommand_from write" -l file -d 'The reviewed file; access.toml of this folder without it' -r -F
complete -c eksso -n "__fish_eksso_using_subcommand scaffold; and __fish_seen_subcommand_from write" -l session -d 'The session to use [env: EKSSO_SESSION]' -r
complete -c eksso -n "__fish_eksso_using_subcommand scaffold; and __fish_seen_subcommand_from write" -l kubeconfig -d 'The kubeconfig to use instead of KUBECONFIG and ~/.kube/config' -r -F
complete -c eksso -n "__fish_eksso_using_subcommand scaffold; and __fish_seen_subcommand_from write" -l config -d 'The settings to use instead of config.toml [env: EKSSO_CONFIG]' -r -F
complete -c eksso -n "__fish_eksso_using_subcommand scaffold; and __fish_seen_subcommand_from write" -l keyring -d 'Where secrets are kept: auto, secret-service, keychain, wincred, keyutils, passphrase, plaintext [env: EKSSO_KEYRING]' -r
complete -c eksso -n "__fish_eksso_using_subcommand scaffold; and __fish_seen_subcommand_from write" -s o -l output -d 'The form of lists' -r -f -a "table\t'Columns for people'
json\t'One array of objects'
name\t'One name a line'
csv\t'Lines for a review, with access only'
sarif\t'SARIF 2.1.0, for code scanning (audit)'"
complete -c eksso -n "__fish_eksso_using_subcommand scaffold; and __fish_seen_subcommand_from write" -l color -d 'When to use colour (NO_COLOR is honoured)' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Also into files'
never\t'Not at all'"
complete -c eksso -n "__fish_eksso_using_subcommand scaffold; and __fish_seen_subcommand_from write" -l terraform -d 'Terraform modules'
complete -c eksso -n "__fish_eksso_using_subcommand scaffold; and __fish_seen_subcommand_from write" -l cloudformation -d 'CloudFormation templates'
complete -c eksso -n "__fish_eksso_using_subcommand scaffold; and __fish_seen_subcommand_from write" -l kubernetes -d 'Kubernetes bindings'
complete -c eksso -n "__fish_eksso_using_subcommand scaffold; and __fish_seen_subcommand_from write" -l import -d 'Also Terraform\'s import blocks for what exists already: reads as `diff` does, and needs a sign-in'
complete -c eksso -n "__fish_eksso_using_subcommand scaffold; and __fish_seen_subcommand_from write" -l force -d 'Also over files that were changed since they were written'
complete -c eksso -n "__fish_eksso_using_subcommand scaffold; and __fish_seen_subcommand_from write" -l dry-run -d 'Show what would change, and write nothing'
complete -c eksso -n "__fish_eksso_using_subcommand scaffold; and __fish_seen_subcommand_from write" -l no-input -d 'Never ask, even on a terminal [env: EKSSO_NO_INPUT=1]'
complete -c eksso -n "__fish_eksso_using_subcommand scaffold; and __fish_seen_subcommand_from write" -s v -l verbose -d 'Say how it is done; twice: in more detail'
complete -c eksso -n "__fish_eksso_using_subcommand scaffold; and __fish_seen_subcommand_from write" -s q -l quiet -d 'Say nothing but results and errors'
complete -c eksso -n "__fish_eksso_using_subcommand scaffold; and __fish_seen_subcommand_from write" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c eksso -n "__fish_eksso_using_subcommand scaffold; and __fish_seen_subcommand_from diff" -l file -d 'The reviewed file; access.toml of this folder without it' -r -F
complete -c eksso -n "__fish_eksso_using_subcommand scaffold; and __fish_seen_subcommand_from diff" -l account -d 'Accounts by id or name, with * and ? as wildcards' -r
complete -c eksso -n "__fish_eksso_using_subcommand scaffold; and __fish_seen_subcommand_from diff" -l role -d 'Roles (permission sets) by name, with wildcards' -r
complete -c eksso -n "__fish_eksso_using_subcommand scaffold; and __fish_seen_subcommand_from diff" -l filter -d 'The filter that config.toml has under [filters.NAME]; what is given beside it counts in place of its lists' -r
complete -c eksso -n "__fish_eksso_using_subcommand scaffold; and __fish_seen_subcommand_from diff" -l region -d 'Regions, with wildcards; without it, `regions` of config.toml, else all regions of EKS' -r
complete -c eksso -n "__fish_eksso_using_subcommand scaffold; and __fish_seen_subcommand_from diff" -l cluster -d 'Clusters by name, with wildcards' -r
complete -c eksso -n "__fish_eksso_using_subcommand scaffold; and __fish_seen_subcommand_from diff" -l tag -d 'Clusters by tag, with wildcards in the value; KEY alone: any value. One key several times: any of the values' -r
complete -c eksso -n "__fish_eksso_using_subcommand scaffold; and __fish_seen_subcommand_from diff" -l credentials -d 'Whose credentials are used: those of the session, or, in CI, those of the environment (AWS_ACCESS_KEY_ID, or AWS_WEB_IDENTITY_TOKEN_FILE with AWS_ROLE_ARN), which then assume the role that `[access] assume` names in each account' -r -f -a "session\t'Roles of the signed-in person'
environment\t'The environment\'s own: nobody signs in'"
complete -c eksso -n "__fish_eksso_using_subcommand scaffold; and __fish_seen_subcommand_from diff" -l session -d 'The session to use [env: EKSSO_SESSION]' -r
complete -c eksso -n "__fish_eksso_using_subcommand scaffold; and __fish_seen_subcommand_from diff" -l kubeconfig -d 'The kubeconfig to use instead of KUBECONFIG and ~/.kube/config' -r -F
complete -c eksso -n "__fish_eksso_using_subcommand scaffold; and __fish_seen_subcommand_from diff" -l config -d 'The settings to use instead of config.toml [env: EKSSO_CONFIG]' -r -F
complete -c eksso -n "__fish_eksso_using_subcommand scaffold; and __fish_seen_subcommand_from diff" -l keyring -d 'Where secrets are kept: auto, secret-service, keychain, wincred, keyutils, passphrase, plaintext [env: EKSSO_KEYRING]' -r
complete -c eksso -n "__fish_eksso_using_subcommand scaffold; and __fish_seen_subcommand_from diff" -s o -l output -d 'The form of lists' -r -f -a "table\t'Columns for people'
json\t'One array of objects'
name\t'One name a line'
csv\t'Lines for a review, with access only'
sarif\t'SARIF 2.1.0, for code scanning (audit)'"
complete -c eksso -n "__fish_eksso_using_subcommand scaffold; and __fish_seen_subcommand_from diff" -l color -d 'When to use colour (NO_COLOR is honoured)' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Also into files'
never\t'Not at all'"
complete -c eksso -n "__fish_eksso_using_subcommand scaffold; and __fish_seen_subcommand_from diff" -l all-sessions -d 'As every session that is configured, all in one list'
complete -c eksso -n "__fish_eksso_using_subcommand scaffold; and __fish_seen_subcommand_from diff" -l refresh -d 'Read everything again, however lately it was read'
complete -c eksso -n "__fish_eksso_using_subcommand scaffold; and __fish_seen_subcommand_from diff" -l no-input -d 'Never ask, even on a terminal [env: EKSSO_NO_INPUT=1]'
complete -c eksso -n "__fish_eksso_using_subcommand scaffold; and __fish_seen_subcommand_from diff" -s v -l verbose -d 'Say how it is done; twice: in more detail'
complete -c eksso -n "__fish_eksso_using_subcommand scaffold; and __fish_seen_subcommand_from diff" -s q -l quiet -d 'Say nothing but results and errors'
complete -c eksso -n "__fish_eksso_using_subcommand scaffold; and __fish_seen_subcommand_from diff" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c eksso -n "__fish_eksso_using_subcommand scaffold; and __fish_seen_subcommand_from from-live" -l file -d 'Where to; access.toml of this folder without it' -r -F
complete -c eksso -n "__fish_eksso_using_subcommand scaffold; and __fish_seen_subcommand_from from-live" -l account -d 'Accounts by id or name, with * and ? as wildcards' -r
complete -c eksso -n "__fish_eksso_using_subcommand scaffold; and __fish_seen_subcommand_from from-live" -l role -d 'Roles (permission sets) by name, with wildcards' -r
complete -c eksso -n "__fish_eksso_using_subcommand scaffold; and __fish_seen_subcommand_from from-live" -l filter -d 'The filter that config.toml has under [filters.NAME]; what is given beside it counts in place of its lists' -r
complete -c eksso -n "__fish_eksso_using_subcommand scaffold; and __fish_seen_subcommand_from from-live" -l region -d 'Regions, with wildcards; without it, `regions` of config.toml, else all regions of EKS' -r
complete -c eksso -n "__fish_eksso_using_subcommand scaffold; and __fish_seen_subcommand_from from-live" -l cluster -d 'Clusters by name, with wildcards' -r
complete -c eksso -n "__fish_eksso_using_subcommand scaffold; and __fish_seen_subcommand_from from-live" -l tag -d 'Clusters by tag, with wildcards in the value; KEY alone: any value. One key several times: any of the values' -r
complete -c eksso -n "__fish_eksso_using_subcommand scaffold; and __fish_seen_subcommand_from from-live" -l session -d 'The session to use [env: EKSSO_SESSION]' -r
complete -c eksso -n "__fish_eksso_using_subcommand scaffold; and __fish_seen_subcommand_from from-live" -l kubeconfig -d 'The kubeconfig to use instead of KUBECONFIG and ~/.kube/config' -r -F
complete -c eksso -n "__fish_eksso_using_subcommand scaffold; and __fish_seen_subcommand_from from-live" -l config -d 'The settings to use instead of config.toml [env: EKSSO_CONFIG]' -r -F
complete -c eksso -n "__fish_eksso_using_subcommand scaffold; and __fish_seen_subcommand_from from-live" -l keyring -d 'Where secrets are kept: auto, secret-service, keychain, wincred, keyutils, passphrase, plaintext [env: EKSSO_KEYRING]' -r
complete -c eksso -n "__fish_eksso_using_subcommand scaffold; and __fish_seen_subcommand_from from-live" -s o -l output -d 'The form of lists' -r -f -a "table\t'Columns for people'
json\t'One array of objects'
name\t'One name a line'
csv\t'Lines for a review, with access only'
sarif\t'SARIF 2.1.0, for code scanning (audit)'"
complete -c eksso -n "__fish_eksso_using_subcommand scaffold; and __fish_seen_subcommand_from from-live" -l color -d 'When to use colour (NO_COLOR is honoured)' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Also into files'
never\t'Not at all'"
complete -c eksso -n "__fish_eksso_using_subcommand scaffold; and __fish_seen_subcommand_from from-live" -l all-sessions -d 'As every session that is configured, all in one list'
complete -c eksso -n "__fish_eksso_using_subcommand scaffold; and __fish_seen_subcommand_from from-live" -l refresh -d 'Read everything again, however lately it was read'
complete -c eksso -n "__fish_eksso_using_subcommand scaffold; and __fish_seen_subcommand_from from-live" -l no-input -d 'Never ask, even on a terminal [env: EKSSO_NO_INPUT=1]'
complete -c eksso -n "__fish_eksso_using_subcommand scaffold; and __fish_seen_subcommand_from from-live" -s v -l verbose -d 'Say how it is done; twice: in more detail'
complete -c eksso -n "__fish_eksso_using_subcommand scaffold; and __fish_seen_subcommand_from from-live" -s q -l quiet -d 'Say nothing but results and errors'
complete -c eksso -n "__fish_eksso_using_subcommand scaffold; and __fish_seen_subcommand_from from-live" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c eksso -n "__fish_eksso_using_subcommand scaffold; and __fish_seen_subcommand_from help" -f -a "init" -d 'Write a commented access.toml to begin with; never over a file that is there'
complete -c eksso -n "__fish_eksso_using_subcommand scaffold; and __fish_seen_subcommand_from help" -f -a "check" -d 'Show who may do what, as a matrix, before anything is applied; asks nobody'
complete -c eksso -n "__fish_eksso_using_subcommand scaffold; and __fish_seen_subcommand_from help" -f -a "write" -d 'Write the code into a folder; without a kind, all kinds'
complete -c eksso -n "__fish_eksso_using_subcommand scaffold; and __fish_seen_subcommand_from help" -f -a "diff" -d 'Compare what there is with the file: drift'
complete -c eksso -n "__fish_eksso_using_subcommand scaffold; and __fish_seen_subcommand_from help" -f -a "from-live" -d 'Write an access.toml of what clusters have today; never over a file that is there'
complete -c eksso -n "__fish_eksso_using_subcommand scaffold; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c eksso -n "__fish_eksso_using_subcommand exec" -l role -d 'The same cluster with another role of yours; the current context\'s where no context is named' -r
complete -c eksso -n "__fish_eksso_using_subcommand exec" -l for -d 'How long: 1m to 12h. Then kubectl is refused, and the role is the former one again' -r
complete -c eksso -n "__fish_eksso_using_subcommand exec" -s n -l namespace -d 'The namespace' -r
complete -c eksso -n "__fish_eksso_using_subcommand exec" -s j -l jobs -d 'How many run at a time' -r
complete -c eksso -n "__fish_eksso_using_subcommand exec" -l session -d 'The session to use [env: EKSSO_SESSION]' -r
complete -c eksso -n "__fish_eksso_using_subcommand exec" -l kubeconfig -d 'The kubeconfig to use instead of KUBECONFIG and ~/.kube/config' -r -F
complete -c eksso -n "__fish_eksso_using_subcommand exec" -l config -d 'The settings to use instead of config.toml [env: EKSSO_CONFIG]' -r -F
complete -c eksso -n "__fish_eksso_using_subcommand exec" -l keyring -d 'Where secrets are kept: auto, secret-service, keychain, wincred, keyutils, passphrase, plaintext [env: EKSSO_KEYRING]' -r
complete -c eksso -n "__fish_eksso_using_subcommand exec" -s o -l output -d 'The form of lists' -r -f -a "table\t'Columns for people'
json\t'One array of objects'
name\t'One name a line'
csv\t'Lines for a review, with access only'
sarif\t'SARIF 2.1.0, for code scanning (audit)'"
complete -c eksso -n "__fish_eksso_using_subcommand exec" -l color -d 'When to use colour (NO_COLOR is honoured)' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Also into files'
never\t'Not at all'"
complete -c eksso -n "__fish_eksso_using_subcommand exec" -s y -l yes -d 'Do not ask where config.toml says that a context asks first'
complete -c eksso -n "__fish_eksso_using_subcommand exec" -l aws -d 'Also give it the AWS credentials of the context\'s role, fresh ones for as long as it runs'
complete -c eksso -n "__fish_eksso_using_subcommand exec" -l fail-fast -d 'Start no more once one has failed; those that run go on to their end'
complete -c eksso -n "__fish_eksso_using_subcommand exec" -l keep-going -d 'Go on in the other contexts once one has failed: what is done without --fail-fast'
complete -c eksso -n "__fish_eksso_using_subcommand exec" -l list -d 'Print the contexts that it would run in, and run nothing'
complete -c eksso -n "__fish_eksso_using_subcommand exec" -l no-input -d 'Never ask, even on a terminal [env: EKSSO_NO_INPUT=1]'
complete -c eksso -n "__fish_eksso_using_subcommand exec" -s v -l verbose -d 'Say how it is done; twice: in more detail'
complete -c eksso -n "__fish_eksso_using_subcommand exec" -s q -l quiet -d 'Say nothing but results and errors'
complete -c eksso -n "__fish_eksso_using_subcommand exec" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c eksso -n "__fish_eksso_using_subcommand shell" -l role -d 'The same cluster with another role of yours; the current context\'s where no context is named' -r
complete -c eksso -n "__fish_eksso_using_subcommand shell" -l for -d 'How long: 1m to 12h. Then kubectl is refused, and the role is the former one again' -r
complete -c eksso -n "__fish_eksso_using_subcommand shell" -s n -l namespace -d 'The namespace' -r
complete -c eksso -n "__fish_eksso_using_subcommand shell" -l session -d 'The session to use [env: EKSSO_SESSION]' -r
complete -c eksso -n "__fish_eksso_using_subcommand shell" -l kubeconfig -d 'The kubeconfig to use instead of KUBECONFIG and ~/.kube/config' -r -F
complete -c eksso -n "__fish_eksso_using_subcommand shell" -l config -d 'The settings to use instead of config.toml [env: EKSSO_CONFIG]' -r -F
complete -c eksso -n "__fish_eksso_using_subcommand shell" -l keyring -d 'Where secrets are kept: auto, secret-service, keychain, wincred, keyutils, passphrase, plaintext [env: EKSSO_KEYRING]' -r
complete -c eksso -n "__fish_eksso_using_subcommand shell" -s o -l output -d 'The form of lists' -r -f -a "table\t'Columns for people'
json\t'One array of objects'
name\t'One name a line'
csv\t'Lines for a review, with access only'
sarif\t'SARIF 2.1.0, for code scanning (audit)'"
complete -c eksso -n "__fish_eksso_using_subcommand shell" -l color -d 'When to use colour (NO_COLOR is honoured)' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Also into files'
never\t'Not at all'"
complete -c eksso -n "__fish_eksso_using_subcommand shell" -s y -l yes -d 'Do not ask where config.toml says that a context asks first'
complete -c eksso -n "__fish_eksso_using_subcommand shell" -l no-input -d 'Never ask, even on a terminal [env: EKSSO_NO_INPUT=1]'
complete -c eksso -n "__fish_eksso_using_subcommand shell" -s v -l verbose -d 'Say how it is done; twice: in more detail'
complete -c eksso -n "__fish_eksso_using_subcommand shell" -s q -l quiet -d 'Say nothing but results and errors'
complete -c eksso -n "__fish_eksso_using_subcommand shell" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c eksso -n "__fish_eksso_using_subcommand env" -l role -d 'The same cluster with another role of yours; the current context\'s where no context is named' -r
complete -c eksso -n "__fish_eksso_using_subcommand env" -l for -d 'How long: 1m to 12h. Then kubectl is refused, and the role is the former one again' -r
complete -c eksso -n "__fish_eksso_using_subcommand env" -s n -l namespace -d 'The namespace' -r
complete -c eksso -n "__fish_eksso_using_subcommand env" -l shell -d 'The shell to print for; without it, the one of SHELL' -r -f -a "bash\t''
zsh\t''
fish\t''
powershell\t''
nushell\t''
tcsh\t''
xonsh\t''
elvish\t''"
complete -c eksso -n "__fish_eksso_using_subcommand env" -l session -d 'The session to use [env: EKSSO_SESSION]' -r
complete -c eksso -n "__fish_eksso_using_subcommand env" -l kubeconfig -d 'The kubeconfig to use instead of KUBECONFIG and ~/.kube/config' -r -F
complete -c eksso -n "__fish_eksso_using_subcommand env" -l config -d 'The settings to use instead of config.toml [env: EKSSO_CONFIG]' -r -F
complete -c eksso -n "__fish_eksso_using_subcommand env" -l keyring -d 'Where secrets are kept: auto, secret-service, keychain, wincred, keyutils, passphrase, plaintext [env: EKSSO_KEYRING]' -r
complete -c eksso -n "__fish_eksso_using_subcommand env" -s o -l output -d 'The form of lists' -r -f -a "table\t'Columns for people'
json\t'One array of objects'
name\t'One name a line'
csv\t'Lines for a review, with access only'
sarif\t'SARIF 2.1.0, for code scanning (audit)'"
complete -c eksso -n "__fish_eksso_using_subcommand env" -l color -d 'When to use colour (NO_COLOR is honoured)' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Also into files'
never\t'Not at all'"
complete -c eksso -n "__fish_eksso_using_subcommand env" -s y -l yes -d 'Do not ask where config.toml says that a context asks first'
complete -c eksso -n "__fish_eksso_using_subcommand env" -l unset -d 'Go back to the kubeconfig that was used before'
complete -c eksso -n "__fish_eksso_using_subcommand env" -l no-input -d 'Never ask, even on a terminal [env: EKSSO_NO_INPUT=1]'
complete -c eksso -n "__fish_eksso_using_subcommand env" -s v -l verbose -d 'Say how it is done; twice: in more detail'
complete -c eksso -n "__fish_eksso_using_subcommand env" -s q -l quiet -d 'Say nothing but results and errors'
complete -c eksso -n "__fish_eksso_using_subcommand env" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c eksso -n "__fish_eksso_using_subcommand import" -l session -d 'The session to use [env: EKSSO_SESSION]' -r
complete -c eksso -n "__fish_eksso_using_subcommand import" -l kubeconfig -d 'The kubeconfig to use instead of KUBECONFIG and ~/.kube/config' -r -F
complete -c eksso -n "__fish_eksso_using_subcommand import" -l config -d 'The settings to use instead of config.toml [env: EKSSO_CONFIG]' -r -F
complete -c eksso -n "__fish_eksso_using_subcommand import" -l keyring -d 'Where secrets are kept: auto, secret-service, keychain, wincred, keyutils, passphrase, plaintext [env: EKSSO_KEYRING]' -r
complete -c eksso -n "__fish_eksso_using_subcommand import" -s o -l output -d 'The form of lists' -r -f -a "table\t'Columns for people'
json\t'One array of objects'
name\t'One name a line'
csv\t'Lines for a review, with access only'
sarif\t'SARIF 2.1.0, for code scanning (audit)'"
complete -c eksso -n "__fish_eksso_using_subcommand import" -l color -d 'When to use colour (NO_COLOR is honoured)' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Also into files'
never\t'Not at all'"
complete -c eksso -n "__fish_eksso_using_subcommand import" -l dry-run -d 'Print what would change as a unified diff, and change nothing'
complete -c eksso -n "__fish_eksso_using_subcommand import" -l absolute-command -d 'Write the full path of eksso, for programs that are started without your PATH'
complete -c eksso -n "__fish_eksso_using_subcommand import" -l no-input -d 'Never ask, even on a terminal [env: EKSSO_NO_INPUT=1]'
complete -c eksso -n "__fish_eksso_using_subcommand import" -s v -l verbose -d 'Say how it is done; twice: in more detail'
complete -c eksso -n "__fish_eksso_using_subcommand import" -s q -l quiet -d 'Say nothing but results and errors'
complete -c eksso -n "__fish_eksso_using_subcommand import" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c eksso -n "__fish_eksso_using_subcommand export" -l session -d 'The session to use [env: EKSSO_SESSION]' -r
complete -c eksso -n "__fish_eksso_using_subcommand export" -l kubeconfig -d 'The kubeconfig to use instead of KUBECONFIG and ~/.kube/config' -r -F
complete -c eksso -n "__fish_eksso_using_subcommand export" -l config -d 'The settings to use instead of config.toml [env: EKSSO_CONFIG]' -r -F
complete -c eksso -n "__fish_eksso_using_subcommand export" -l keyring -d 'Where secrets are kept: auto, secret-service, keychain, wincred, keyutils, passphrase, plaintext [env: EKSSO_KEYRING]' -r
complete -c eksso -n "__fish_eksso_using_subcommand export" -s o -l output -d 'The form of lists' -r -f -a "table\t'Columns for people'
json\t'One array of objects'
name\t'One name a line'
csv\t'Lines for a review, with access only'
sarif\t'SARIF 2.1.0, for code scanning (audit)'"
complete -c eksso -n "__fish_eksso_using_subcommand export" -l color -d 'When to use colour (NO_COLOR is honoured)' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Also into files'
never\t'Not at all'"
complete -c eksso -n "__fish_eksso_using_subcommand export" -l no-input -d 'Never ask, even on a terminal [env: EKSSO_NO_INPUT=1]'
complete -c eksso -n "__fish_eksso_using_subcommand export" -s v -l verbose -d 'Say how it is done; twice: in more detail'
complete -c eksso -n "__fish_eksso_using_subcommand export" -s q -l quiet -d 'Say nothing but results and errors'
complete -c eksso -n "__fish_eksso_using_subcommand export" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c eksso -n "__fish_eksso_using_subcommand undo" -l session -d 'The session to use [env: EKSSO_SESSION]' -r
complete -c eksso -n "__fish_eksso_using_subcommand undo" -l kubeconfig -d 'The kubeconfig to use instead of KUBECONFIG and ~/.kube/config' -r -F
complete -c eksso -n "__fish_eksso_using_subcommand undo" -l config -d 'The settings to use instead of config.toml [env: EKSSO_CONFIG]' -r -F
complete -c eksso -n "__fish_eksso_using_subcommand undo" -l keyring -d 'Where secrets are kept: auto, secret-service, keychain, wincred, keyutils, passphrase, plaintext [env: EKSSO_KEYRING]' -r
complete -c eksso -n "__fish_eksso_using_subcommand undo" -s o -l output -d 'The form of lists' -r -f -a "table\t'Columns for people'
json\t'One array of objects'
name\t'One name a line'
csv\t'Lines for a review, with access only'
sarif\t'SARIF 2.1.0, for code scanning (audit)'"
complete -c eksso -n "__fish_eksso_using_subcommand undo" -l color -d 'When to use colour (NO_COLOR is honoured)' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Also into files'
never\t'Not at all'"
complete -c eksso -n "__fish_eksso_using_subcommand undo" -l redo -d 'Bring back what was taken back last'
complete -c eksso -n "__fish_eksso_using_subcommand undo" -l force -d 'Also undo what other programs changed in the file since'
complete -c eksso -n "__fish_eksso_using_subcommand undo" -s y -l yes -d 'Do not ask'
complete -c eksso -n "__fish_eksso_using_subcommand undo" -l dry-run -d 'Print what would change as a unified diff, and change nothing'
complete -c eksso -n "__fish_eksso_using_subcommand undo" -l no-input -d 'Never ask, even on a terminal [env: EKSSO_NO_INPUT=1]'
complete -c eksso -n "__fish_eksso_using_subcommand undo" -s v -l verbose -d 'Say how it is done; twice: in more detail'
complete -c eksso -n "__fish_eksso_using_subcommand undo" -s q -l quiet -d 'Say nothing but results and errors'
complete -c eksso -n "__fish_eksso_using_subcommand undo" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c eksso -n "__fish_eksso_using_subcommand init" -l session -d 'The session to use [env: EKSSO_SESSION]' -r
complete -c eksso -n "__fish_eksso_using_subcommand init" -l kubeconfig -d 'The kubeconfig to use instead of KUBECONFIG and ~/.kube/config' -r -F
complete -c eksso -n "__fish_eksso_using_subcommand init" -l config -d 'The settings to use instead of config.toml [env: EKSSO_CONFIG]' -r -F
complete -c eksso -n "__fish_eksso_using_subcommand init" -l keyring -d 'Where secrets are kept: auto, secret-service, keychain, wincred, keyutils, passphrase, plaintext [env: EKSSO_KEYRING]' -r
complete -c eksso -n "__fish_eksso_using_subcommand init" -s o -l output -d 'The form of lists' -r -f -a "table\t'Columns for people'
json\t'One array of objects'
name\t'One name a line'
csv\t'Lines for a review, with access only'
sarif\t'SARIF 2.1.0, for code scanning (audit)'"
complete -c eksso -n "__fish_eksso_using_subcommand init" -l color -d 'When to use colour (NO_COLOR is honoured)' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Also into files'
never\t'Not at all'"
complete -c eksso -n "__fish_eksso_using_subcommand init" -l prompt -d 'Also show `eksso prompt` in front of the prompt'
complete -c eksso -n "__fish_eksso_using_subcommand init" -l no-input -d 'Never ask, even on a terminal [env: EKSSO_NO_INPUT=1]'
complete -c eksso -n "__fish_eksso_using_subcommand init" -s v -l verbose -d 'Say how it is done; twice: in more detail'
complete -c eksso -n "__fish_eksso_using_subcommand init" -s q -l quiet -d 'Say nothing but results and errors'
complete -c eksso -n "__fish_eksso_using_subcommand init" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c eksso -n "__fish_eksso_using_subcommand prompt" -l session -d 'The session to use [env: EKSSO_SESSION]' -r
complete -c eksso -n "__fish_eksso_using_subcommand prompt" -l kubeconfig -d 'The kubeconfig to use instead of KUBECONFIG and ~/.kube/config' -r -F
complete -c eksso -n "__fish_eksso_using_subcommand prompt" -l config -d 'The settings to use instead of config.toml [env: EKSSO_CONFIG]' -r -F
complete -c eksso -n "__fish_eksso_using_subcommand prompt" -l keyring -d 'Where secrets are kept: auto, secret-service, keychain, wincred, keyutils, passphrase, plaintext [env: EKSSO_KEYRING]' -r
complete -c eksso -n "__fish_eksso_using_subcommand prompt" -s o -l output -d 'The form of lists' -r -f -a "table\t'Columns for people'
json\t'One array of objects'
name\t'One name a line'
csv\t'Lines for a review, with access only'
sarif\t'SARIF 2.1.0, for code scanning (audit)'"
complete -c eksso -n "__fish_eksso_using_subcommand prompt" -l color -d 'When to use colour (NO_COLOR is honoured)' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Also into files'
never\t'Not at all'"
complete -c eksso -n "__fish_eksso_using_subcommand prompt" -l no-input -d 'Never ask, even on a terminal [env: EKSSO_NO_INPUT=1]'
complete -c eksso -n "__fish_eksso_using_subcommand prompt" -s v -l verbose -d 'Say how it is done; twice: in more detail'
complete -c eksso -n "__fish_eksso_using_subcommand prompt" -s q -l quiet -d 'Say nothing but results and errors'
complete -c eksso -n "__fish_eksso_using_subcommand prompt" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c eksso -n "__fish_eksso_using_subcommand token" -l cluster -d 'The name of the cluster' -r
complete -c eksso -n "__fish_eksso_using_subcommand token" -l region -d 'The region of the cluster' -r
complete -c eksso -n "__fish_eksso_using_subcommand token" -l account -d 'The account of the role' -r
complete -c eksso -n "__fish_eksso_using_subcommand token" -l role -d 'The role (permission set)' -r
complete -c eksso -n "__fish_eksso_using_subcommand token" -l profile -d 'Take session, account and role from this profile of ~/.aws/config' -r
complete -c eksso -n "__fish_eksso_using_subcommand token" -l assume-role -d 'Assume this IAM role from there; such a session lasts one hour at most, a limit of AWS for chained roles' -r
complete -c eksso -n "__fish_eksso_using_subcommand token" -l cluster-id -d 'The id of a local cluster on an Outpost' -r
complete -c eksso -n "__fish_eksso_using_subcommand token" -l exec-api-version -d 'The version to answer with where KUBERNETES_EXEC_INFO names none [default: v1beta1]' -r -f -a "v1\t''
v1beta1\t''"
complete -c eksso -n "__fish_eksso_using_subcommand token" -l until -d 'Make no token from this moment on (RFC 3339): `eksso use --role ROLE --for 30m` writes it' -r
complete -c eksso -n "__fish_eksso_using_subcommand token" -l session -d 'The session to use [env: EKSSO_SESSION]' -r
complete -c eksso -n "__fish_eksso_using_subcommand token" -l kubeconfig -d 'The kubeconfig to use instead of KUBECONFIG and ~/.kube/config' -r -F
complete -c eksso -n "__fish_eksso_using_subcommand token" -l config -d 'The settings to use instead of config.toml [env: EKSSO_CONFIG]' -r -F
complete -c eksso -n "__fish_eksso_using_subcommand token" -l keyring -d 'Where secrets are kept: auto, secret-service, keychain, wincred, keyutils, passphrase, plaintext [env: EKSSO_KEYRING]' -r
complete -c eksso -n "__fish_eksso_using_subcommand token" -s o -l output -d 'The form of lists' -r -f -a "table\t'Columns for people'
json\t'One array of objects'
name\t'One name a line'
csv\t'Lines for a review, with access only'
sarif\t'SARIF 2.1.0, for code scanning (audit)'"
complete -c eksso -n "__fish_eksso_using_subcommand token" -l color -d 'When to use colour (NO_COLOR is honoured)' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Also into files'
never\t'Not at all'"
complete -c eksso -n "__fish_eksso_using_subcommand token" -l no-input -d 'Never ask, even on a terminal [env: EKSSO_NO_INPUT=1]'
complete -c eksso -n "__fish_eksso_using_subcommand token" -s v -l verbose -d 'Say how it is done; twice: in more detail'
complete -c eksso -n "__fish_eksso_using_subcommand token" -s q -l quiet -d 'Say nothing but results and errors'
complete -c eksso -n "__fish_eksso_using_subcommand token" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c eksso -n "__fish_eksso_using_subcommand credentials" -l account -d 'The account of the role' -r
complete -c eksso -n "__fish_eksso_using_subcommand credentials" -l role -d 'The role (permission set)' -r
complete -c eksso -n "__fish_eksso_using_subcommand credentials" -l profile -d 'Take session, account and role from this profile of ~/.aws/config' -r
complete -c eksso -n "__fish_eksso_using_subcommand credentials" -l assume-role -d 'Assume this IAM role from there; such a session lasts one hour at most, a limit of AWS for chained roles' -r
complete -c eksso -n "__fish_eksso_using_subcommand credentials" -l format -d 'The form to print them in' -r -f -a "process\t'JSON as `credential_process` wants it'
env\t'`export` lines for a POSIX shell'
json\t'JSON with all that is known'"
complete -c eksso -n "__fish_eksso_using_subcommand credentials" -l session -d 'The session to use [env: EKSSO_SESSION]' -r
complete -c eksso -n "__fish_eksso_using_subcommand credentials" -l kubeconfig -d 'The kubeconfig to use instead of KUBECONFIG and ~/.kube/config' -r -F
complete -c eksso -n "__fish_eksso_using_subcommand credentials" -l config -d 'The settings to use instead of config.toml [env: EKSSO_CONFIG]' -r -F
complete -c eksso -n "__fish_eksso_using_subcommand credentials" -l keyring -d 'Where secrets are kept: auto, secret-service, keychain, wincred, keyutils, passphrase, plaintext [env: EKSSO_KEYRING]' -r
complete -c eksso -n "__fish_eksso_using_subcommand credentials" -s o -l output -d 'The form of lists' -r -f -a "table\t'Columns for people'
json\t'One array of objects'
name\t'One name a line'
csv\t'Lines for a review, with access only'
sarif\t'SARIF 2.1.0, for code scanning (audit)'"
complete -c eksso -n "__fish_eksso_using_subcommand credentials" -l color -d 'When to use colour (NO_COLOR is honoured)' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Also into files'
never\t'Not at all'"
complete -c eksso -n "__fish_eksso_using_subcommand credentials" -s y -l yes -d 'Do not ask where config.toml says that a context asks first'
complete -c eksso -n "__fish_eksso_using_subcommand credentials" -l no-input -d 'Never ask, even on a terminal [env: EKSSO_NO_INPUT=1]'
complete -c eksso -n "__fish_eksso_using_subcommand credentials" -s v -l verbose -d 'Say how it is done; twice: in more detail'
complete -c eksso -n "__fish_eksso_using_subcommand credentials" -s q -l quiet -d 'Say nothing but results and errors'
complete -c eksso -n "__fish_eksso_using_subcommand credentials" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c eksso -n "__fish_eksso_using_subcommand log" -l since -d 'From then on: a time such as 2026-11-26T08:00:00Z, a day, or how long ago, such as 2h or 7d' -r
complete -c eksso -n "__fish_eksso_using_subcommand log" -l event -d 'Only these events: sign_in, token, credentials; a glob' -r
complete -c eksso -n "__fish_eksso_using_subcommand log" -l result -d 'Only these results, such as ok or denied; a glob' -r
complete -c eksso -n "__fish_eksso_using_subcommand log" -l context -d 'Only these contexts; a glob' -r
complete -c eksso -n "__fish_eksso_using_subcommand log" -l account -d 'Only these accounts, by id; a glob' -r
complete -c eksso -n "__fish_eksso_using_subcommand log" -l role -d 'Only these roles; a glob' -r
complete -c eksso -n "__fish_eksso_using_subcommand log" -l cluster -d 'Only these clusters; a glob' -r
complete -c eksso -n "__fish_eksso_using_subcommand log" -l parent -d 'Only what these programs asked for; a glob over their path' -r
complete -c eksso -n "__fish_eksso_using_subcommand log" -l key -d 'Only the credentials with this access key id, as the cluster\'s audit log and CloudTrail name it' -r
complete -c eksso -n "__fish_eksso_using_subcommand log" -s n -l last -d 'Only the last lines, so many' -r
complete -c eksso -n "__fish_eksso_using_subcommand log" -l session -d 'The session to use [env: EKSSO_SESSION]' -r
complete -c eksso -n "__fish_eksso_using_subcommand log" -l kubeconfig -d 'The kubeconfig to use instead of KUBECONFIG and ~/.kube/config' -r -F
complete -c eksso -n "__fish_eksso_using_subcommand log" -l config -d 'The settings to use instead of config.toml [env: EKSSO_CONFIG]' -r -F
complete -c eksso -n "__fish_eksso_using_subcommand log" -l keyring -d 'Where secrets are kept: auto, secret-service, keychain, wincred, keyutils, passphrase, plaintext [env: EKSSO_KEYRING]' -r
complete -c eksso -n "__fish_eksso_using_subcommand log" -s o -l output -d 'The form of lists' -r -f -a "table\t'Columns for people'
json\t'One array of objects'
name\t'One name a line'
csv\t'Lines for a review, with access only'
sarif\t'SARIF 2.1.0, for code scanning (audit)'"
complete -c eksso -n "__fish_eksso_using_subcommand log" -l color -d 'When to use colour (NO_COLOR is honoured)' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Also into files'
never\t'Not at all'"
complete -c eksso -n "__fish_eksso_using_subcommand log" -l no-input -d 'Never ask, even on a terminal [env: EKSSO_NO_INPUT=1]'
complete -c eksso -n "__fish_eksso_using_subcommand log" -s v -l verbose -d 'Say how it is done; twice: in more detail'
complete -c eksso -n "__fish_eksso_using_subcommand log" -s q -l quiet -d 'Say nothing but results and errors'
complete -c eksso -n "__fish_eksso_using_subcommand log" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c eksso -n "__fish_eksso_using_subcommand config; and not __fish_seen_subcommand_from path show edit check help" -l session -d 'The session to use [env: EKSSO_SESSION]' -r
complete -c eksso -n "__fish_eksso_using_subcommand config; and not __fish_seen_subcommand_from path show edit check help" -l kubeconfig -d 'The kubeconfig to use instead of KUBECONFIG and ~/.kube/config' -r -F
complete -c eksso -n "__fish_eksso_using_subcommand config; and not __fish_seen_subcommand_from path show edit check help" -l config -d 'The settings to use instead of config.toml [env: EKSSO_CONFIG]' -r -F
complete -c eksso -n "__fish_eksso_using_subcommand config; and not __fish_seen_subcommand_from path show edit check help" -l keyring -d 'Where secrets are kept: auto, secret-service, keychain, wincred, keyutils, passphrase, plaintext [env: EKSSO_KEYRING]' -r
complete -c eksso -n "__fish_eksso_using_subcommand config; and not __fish_seen_subcommand_from path show edit check help" -s o -l output -d 'The form of lists' -r -f -a "table\t'Columns for people'
json\t'One array of objects'
name\t'One name a line'
csv\t'Lines for a review, with access only'
sarif\t'SARIF 2.1.0, for code scanning (audit)'"
complete -c eksso -n "__fish_eksso_using_subcommand config; and not __fish_seen_subcommand_from path show edit check help" -l color -d 'When to use colour (NO_COLOR is honoured)' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Also into files'
never\t'Not at all'"
complete -c eksso -n "__fish_eksso_using_subcommand config; and not __fish_seen_subcommand_from path show edit check help" -l no-input -d 'Never ask, even on a terminal [env: EKSSO_NO_INPUT=1]'
complete -c eksso -n "__fish_eksso_using_subcommand config; and not __fish_seen_subcommand_from path show edit check help" -s v -l verbose -d 'Say how it is done; twice: in more detail'
complete -c eksso -n "__fish_eksso_using_subcommand config; and not __fish_seen_subcommand_from path show edit check help" -s q -l quiet -d 'Say nothing but results and errors'
complete -c eksso -n "__fish_eksso_using_subcommand config; and not __fish_seen_subcommand_from path show edit check help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c eksso -n "__fish_eksso_using_subcommand config; and not __fish_seen_subcommand_from path show edit check help" -f -a "path" -d 'Print where config.toml is; with -o json also the organisation\'s file and the policy'
complete -c eksso -n "__fish_eksso_using_subcommand config; and not __fish_seen_subcommand_from path show edit check help" -f -a "show" -d 'Print each setting with its value and where that comes from'
complete -c eksso -n "__fish_eksso_using_subcommand config; and not __fish_seen_subcommand_from path show edit check help" -f -a "edit" -d 'Open a copy in $VISUAL or $EDITOR, and take it when it is valid'
complete -c eksso -n "__fish_eksso_using_subcommand config; and not __fish_seen_subcommand_from path show edit check help" -f -a "check" -d 'Tell whether settings are valid; a mistake is named with its line and key'
complete -c eksso -n "__fish_eksso_using_subcommand config; and not __fish_seen_subcommand_from path show edit check help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c eksso -n "__fish_eksso_using_subcommand config; and __fish_seen_subcommand_from path" -l session -d 'The session to use [env: EKSSO_SESSION]' -r
complete -c eksso -n "__fish_eksso_using_subcommand config; and __fish_seen_subcommand_from path" -l kubeconfig -d 'The kubeconfig to use instead of KUBECONFIG and ~/.kube/config' -r -F
complete -c eksso -n "__fish_eksso_using_subcommand config; and __fish_seen_subcommand_from path" -l config -d 'The settings to use instead of config.toml [env: EKSSO_CONFIG]' -r -F
complete -c eksso -n "__fish_eksso_using_subcommand config; and __fish_seen_subcommand_from path" -l keyring -d 'Where secrets are kept: auto, secret-service, keychain, wincred, keyutils, passphrase, plaintext [env: EKSSO_KEYRING]' -r
complete -c eksso -n "__fish_eksso_using_subcommand config; and __fish_seen_subcommand_from path" -s o -l output -d 'The form of lists' -r -f -a "table\t'Columns for people'
json\t'One array of objects'
name\t'One name a line'
csv\t'Lines for a review, with access only'
sarif\t'SARIF 2.1.0, for code scanning (audit)'"
complete -c eksso -n "__fish_eksso_using_subcommand config; and __fish_seen_subcommand_from path" -l color -d 'When to use colour (NO_COLOR is honoured)' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Also into files'
never\t'Not at all'"
complete -c eksso -n "__fish_eksso_using_subcommand config; and __fish_seen_subcommand_from path" -l no-input -d 'Never ask, even on a terminal [env: EKSSO_NO_INPUT=1]'
complete -c eksso -n "__fish_eksso_using_subcommand config; and __fish_seen_subcommand_from path" -s v -l verbose -d 'Say how it is done; twice: in more detail'
complete -c eksso -n "__fish_eksso_using_subcommand config; and __fish_seen_subcommand_from path" -s q -l quiet -d 'Say nothing but results and errors'
complete -c eksso -n "__fish_eksso_using_subcommand config; and __fish_seen_subcommand_from path" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c eksso -n "__fish_eksso_using_subcommand config; and __fish_seen_subcommand_from show" -l session -d 'The session to use [env: EKSSO_SESSION]' -r
complete -c eksso -n "__fish_eksso_using_subcommand config; and __fish_seen_subcommand_from show" -l kubeconfig -d 'The kubeconfig to use instead of KUBECONFIG and ~/.kube/config' -r -F
complete -c eksso -n "__fish_eksso_using_subcommand config; and __fish_seen_subcommand_from show" -l config -d 'The settings to use instead of config.toml [env: EKSSO_CONFIG]' -r -F
complete -c eksso -n "__fish_eksso_using_subcommand config; and __fish_seen_subcommand_from show" -l keyring -d 'Where secrets are kept: auto, secret-service, keychain, wincred, keyutils, passphrase, plaintext [env: EKSSO_KEYRING]' -r
complete -c eksso -n "__fish_eksso_using_subcommand config; and __fish_seen_subcommand_from show" -s o -l output -d 'The form of lists' -r -f -a "table\t'Columns for people'
json\t'One array of objects'
name\t'One name a line'
csv\t'Lines for a review, with access only'
sarif\t'SARIF 2.1.0, for code scanning (audit)'"
complete -c eksso -n "__fish_eksso_using_subcommand config; and __fish_seen_subcommand_from show" -l color -d 'When to use colour (NO_COLOR is honoured)' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Also into files'
never\t'Not at all'"
complete -c eksso -n "__fish_eksso_using_subcommand config; and __fish_seen_subcommand_from show" -l no-input -d 'Never ask, even on a terminal [env: EKSSO_NO_INPUT=1]'
complete -c eksso -n "__fish_eksso_using_subcommand config; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Say how it is done; twice: in more detail'
complete -c eksso -n "__fish_eksso_using_subcommand config; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Say nothing but results and errors'
complete -c eksso -n "__fish_eksso_using_subcommand config; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c eksso -n "__fish_eksso_using_subcommand config; and __fish_seen_subcommand_from edit" -l session -d 'The session to use [env: EKSSO_SESSION]' -r
complete -c eksso -n "__fish_eksso_using_subcommand config; and __fish_seen_subcommand_from edit" -l kubeconfig -d 'The kubeconfig to use instead of KUBECONFIG and ~/.kube/config' -r -F
complete -c eksso -n "__fish_eksso_using_subcommand config; and __fish_seen_subcommand_from edit" -l config -d 'The settings to use instead of config.toml [env: EKSSO_CONFIG]' -r -F
complete -c eksso -n "__fish_eksso_using_subcommand config; and __fish_seen_subcommand_from edit" -l keyring -d 'Where secrets are kept: auto, secret-service, keychain, wincred, keyutils, passphrase, plaintext [env: EKSSO_KEYRING]' -r
complete -c eksso -n "__fish_eksso_using_subcommand config; and __fish_seen_subcommand_from edit" -s o -l output -d 'The form of lists' -r -f -a "table\t'Columns for people'
json\t'One array of objects'
name\t'One name a line'
csv\t'Lines for a review, with access only'
sarif\t'SARIF 2.1.0, for code scanning (audit)'"
complete -c eksso -n "__fish_eksso_using_subcommand config; and __fish_seen_subcommand_from edit" -l color -d 'When to use colour (NO_COLOR is honoured)' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Also into files'
never\t'Not at all'"
complete -c eksso -n "__fish_eksso_using_subcommand config; and __fish_seen_subcommand_from edit" -l no-input -d 'Never ask, even on a terminal [env: EKSSO_NO_INPUT=1]'
complete -c eksso -n "__fish_eksso_using_subcommand config; and __fish_seen_subcommand_from edit" -s v -l verbose -d 'Say how it is done; twice: in more detail'
complete -c eksso -n "__fish_eksso_using_subcommand config; and __fish_seen_subcommand_from edit" -s q -l quiet -d 'Say nothing but results and errors'
complete -c eksso -n "__fish_eksso_using_subcommand config; and __fish_seen_subcommand_from edit" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c eksso -n "__fish_eksso_using_subcommand config; and __fish_seen_subcommand_from check" -l session -d 'The session to use [env: EKSSO_SESSION]' -r
complete -c eksso -n "__fish_eksso_using_subcommand config; and __fish_seen_subcommand_from check" -l kubeconfig -d 'The kubeconfig to use instead of KUBECONFIG and ~/.kube/config' -r -F
complete -c eksso -n "__fish_eksso_using_subcommand config; and __fish_seen_subcommand_from check" -l config -d 'The settings to use instead of config.toml [env: EKSSO_CONFIG]' -r -F
complete -c eksso -n "__fish_eksso_using_subcommand config; and __fish_seen_subcommand_from check" -l keyring -d 'Where secrets are kept: auto, secret-service, keychain, wincred, keyutils, passphrase, plaintext [env: EKSSO_KEYRING]' -r
complete -c eksso -n "__fish_eksso_using_subcommand config; and __fish_seen_subcommand_from check" -s o -l output -d 'The form of lists' -r -f -a "table\t'Columns for people'
json\t'One array of objects'
name\t'One name a line'
csv\t'Lines for a review, with access only'
sarif\t'SARIF 2.1.0, for code scanning (audit)'"
complete -c eksso -n "__fish_eksso_using_subcommand config; and __fish_seen_subcommand_from check" -l color -d 'When to use colour (NO_COLOR is honoured)' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Also into files'
never\t'Not at all'"
complete -c eksso -n "__fish_eksso_using_subcommand config; and __fish_seen_subcommand_from check" -l no-input -d 'Never ask, even on a terminal [env: EKSSO_NO_INPUT=1]'
complete -c eksso -n "__fish_eksso_using_subcommand config; and __fish_seen_subcommand_from check" -s v -l verbose -d 'Say how it is done; twice: in more detail'
complete -c eksso -n "__fish_eksso_using_subcommand config; and __fish_seen_subcommand_from check" -s q -l quiet -d 'Say nothing but results and errors'
complete -c eksso -n "__fish_eksso_using_subcommand config; and __fish_seen_subcommand_from check" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c eksso -n "__fish_eksso_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "path" -d 'Print where config.toml is; with -o json also the organisation\'s file and the policy'
complete -c eksso -n "__fish_eksso_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "show" -d 'Print each setting with its value and where that comes from'
complete -c eksso -n "__fish_eksso_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "edit" -d 'Open a copy in $VISUAL or $EDITOR, and take it when it is valid'
complete -c eksso -n "__fish_eksso_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "check" -d 'Tell whether settings are valid; a mistake is named with its line and key'
complete -c eksso -n "__fish_eksso_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c eksso -n "__fish_eksso_using_subcommand setup" -l sha256 -d 'The SHA-256 of the file, in hex' -r
complete -c eksso -n "__fish_eksso_using_subcommand setup" -l minisign-key -d 'The minisign key that signs it: the second line of its .pub file' -r
complete -c eksso -n "__fish_eksso_using_subcommand setup" -l session -d 'The session to use [env: EKSSO_SESSION]' -r
complete -c eksso -n "__fish_eksso_using_subcommand setup" -l kubeconfig -d 'The kubeconfig to use instead of KUBECONFIG and ~/.kube/config' -r -F
complete -c eksso -n "__fish_eksso_using_subcommand setup" -l config -d 'The settings to use instead of config.toml [env: EKSSO_CONFIG]' -r -F
complete -c eksso -n "__fish_eksso_using_subcommand setup" -l keyring -d 'Where secrets are kept: auto, secret-service, keychain, wincred, keyutils, passphrase, plaintext [env: EKSSO_KEYRING]' -r
complete -c eksso -n "__fish_eksso_using_subcommand setup" -s o -l output -d 'The form of lists' -r -f -a "table\t'Columns for people'
json\t'One array of objects'
name\t'One name a line'
csv\t'Lines for a review, with access only'
sarif\t'SARIF 2.1.0, for code scanning (audit)'"
complete -c eksso -n "__fish_eksso_using_subcommand setup" -l color -d 'When to use colour (NO_COLOR is honoured)' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Also into files'
never\t'Not at all'"
complete -c eksso -n "__fish_eksso_using_subcommand setup" -l remove -d 'Remove what is installed'
complete -c eksso -n "__fish_eksso_using_subcommand setup" -l no-input -d 'Never ask, even on a terminal [env: EKSSO_NO_INPUT=1]'
complete -c eksso -n "__fish_eksso_using_subcommand setup" -s v -l verbose -d 'Say how it is done; twice: in more detail'
complete -c eksso -n "__fish_eksso_using_subcommand setup" -s q -l quiet -d 'Say nothing but results and errors'
complete -c eksso -n "__fish_eksso_using_subcommand setup" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c eksso -n "__fish_eksso_using_subcommand profiles" -l account -d 'Accounts by id or name, with * and ? as wildcards' -r
complete -c eksso -n "__fish_eksso_using_subcommand profiles" -l role -d 'Roles (permission sets) by name, with wildcards' -r
complete -c eksso -n "__fish_eksso_using_subcommand profiles" -l filter -d 'The filter that config.toml has under [filters.NAME]; what is given beside it counts in place of its lists' -r
complete -c eksso -n "__fish_eksso_using_subcommand profiles" -l session -d 'The session to use [env: EKSSO_SESSION]' -r
complete -c eksso -n "__fish_eksso_using_subcommand profiles" -l kubeconfig -d 'The kubeconfig to use instead of KUBECONFIG and ~/.kube/config' -r -F
complete -c eksso -n "__fish_eksso_using_subcommand profiles" -l config -d 'The settings to use instead of config.toml [env: EKSSO_CONFIG]' -r -F
complete -c eksso -n "__fish_eksso_using_subcommand profiles" -l keyring -d 'Where secrets are kept: auto, secret-service, keychain, wincred, keyutils, passphrase, plaintext [env: EKSSO_KEYRING]' -r
complete -c eksso -n "__fish_eksso_using_subcommand profiles" -s o -l output -d 'The form of lists' -r -f -a "table\t'Columns for people'
json\t'One array of objects'
name\t'One name a line'
csv\t'Lines for a review, with access only'
sarif\t'SARIF 2.1.0, for code scanning (audit)'"
complete -c eksso -n "__fish_eksso_using_subcommand profiles" -l color -d 'When to use colour (NO_COLOR is honoured)' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Also into files'
never\t'Not at all'"
complete -c eksso -n "__fish_eksso_using_subcommand profiles" -l all-sessions -d 'As every session that is configured, all in one list'
complete -c eksso -n "__fish_eksso_using_subcommand profiles" -l refresh -d 'Ask for the list of roles again, however lately that was done'
complete -c eksso -n "__fish_eksso_using_subcommand profiles" -l prune -d 'Also remove profiles of eksso, of this session and these filters, whose role is gone or that the template names differently'
complete -c eksso -n "__fish_eksso_using_subcommand profiles" -s y -l yes -d 'Do not ask before many profiles are removed'
complete -c eksso -n "__fish_eksso_using_subcommand profiles" -l dry-run -d 'Print what would change as a unified diff, and change nothing'
complete -c eksso -n "__fish_eksso_using_subcommand profiles" -l absolute-command -d 'Write the full path of eksso, for programs that are started without your PATH'
complete -c eksso -n "__fish_eksso_using_subcommand profiles" -l undo -d 'Take the last change back, byte for byte'
complete -c eksso -n "__fish_eksso_using_subcommand profiles" -l no-input -d 'Never ask, even on a terminal [env: EKSSO_NO_INPUT=1]'
complete -c eksso -n "__fish_eksso_using_subcommand profiles" -s v -l verbose -d 'Say how it is done; twice: in more detail'
complete -c eksso -n "__fish_eksso_using_subcommand profiles" -s q -l quiet -d 'Say nothing but results and errors'
complete -c eksso -n "__fish_eksso_using_subcommand profiles" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c eksso -n "__fish_eksso_using_subcommand completions" -l session -d 'The session to use [env: EKSSO_SESSION]' -r
complete -c eksso -n "__fish_eksso_using_subcommand completions" -l kubeconfig -d 'The kubeconfig to use instead of KUBECONFIG and ~/.kube/config' -r -F
complete -c eksso -n "__fish_eksso_using_subcommand completions" -l config -d 'The settings to use instead of config.toml [env: EKSSO_CONFIG]' -r -F
complete -c eksso -n "__fish_eksso_using_subcommand completions" -l keyring -d 'Where secrets are kept: auto, secret-service, keychain, wincred, keyutils, passphrase, plaintext [env: EKSSO_KEYRING]' -r
complete -c eksso -n "__fish_eksso_using_subcommand completions" -s o -l output -d 'The form of lists' -r -f -a "table\t'Columns for people'
json\t'One array of objects'
name\t'One name a line'
csv\t'Lines for a review, with access only'
sarif\t'SARIF 2.1.0, for code scanning (audit)'"
complete -c eksso -n "__fish_eksso_using_subcommand completions" -l color -d 'When to use colour (NO_COLOR is honoured)' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Also into files'
never\t'Not at all'"
complete -c eksso -n "__fish_eksso_using_subcommand completions" -l no-input -d 'Never ask, even on a terminal [env: EKSSO_NO_INPUT=1]'
complete -c eksso -n "__fish_eksso_using_subcommand completions" -s v -l verbose -d 'Say how it is done; twice: in more detail'
complete -c eksso -n "__fish_eksso_using_subcommand completions" -s q -l quiet -d 'Say nothing but results and errors'
complete -c eksso -n "__fish_eksso_using_subcommand completions" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c eksso -n "__fish_eksso_using_subcommand man" -l session -d 'The session to use [env: EKSSO_SESSION]' -r
complete -c eksso -n "__fish_eksso_using_subcommand man" -l kubeconfig -d 'The kubeconfig to use instead of KUBECONFIG and ~/.kube/config' -r -F
complete -c eksso -n "__fish_eksso_using_subcommand man" -l config -d 'The settings to use instead of config.toml [env: EKSSO_CONFIG]' -r -F
complete -c eksso -n "__fish_eksso_using_subcommand man" -l keyring -d 'Where secrets are kept: auto, secret-service, keychain, wincred, keyutils, passphrase, plaintext [env: EKSSO_KEYRING]' -r
complete -c eksso -n "__fish_eksso_using_subcommand man" -s o -l output -d 'The form of lists' -r -f -a "table\t'Columns for people'
json\t'One array of objects'
name\t'One name a line'
csv\t'Lines for a review, with access only'
sarif\t'SARIF 2.1.0, for code scanning (audit)'"
complete -c eksso -n "__fish_eksso_using_subcommand man" -l color -d 'When to use colour (NO_COLOR is honoured)' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Also into files'
never\t'Not at all'"
complete -c eksso -n "__fish_eksso_using_subcommand man" -l no-input -d 'Never ask, even on a terminal [env: EKSSO_NO_INPUT=1]'
complete -c eksso -n "__fish_eksso_using_subcommand man" -s v -l verbose -d 'Say how it is done; twice: in more detail'
complete -c eksso -n "__fish_eksso_using_subcommand man" -s q -l quiet -d 'Say nothing but results and errors'
complete -c eksso -n "__fish_eksso_using_subcommand man" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c eksso -n "__fish_eksso_using_subcommand help; and not __fish_seen_subcommand_from login logout status roles clusters add sync use ns rename rm whoami console doctor access audit scaffold exec shell env import export undo init prompt token credentials log config setup profiles completions man help" -f -a "login" -d 'Sign in'
complete -c eksso -n "__fish_eksso_using_subcommand help; and not __fish_seen_subcommand_from login logout status roles clusters add sync use ns rename rm whoami console doctor access audit scaffold exec shell env import export undo init prompt token credentials log config setup profiles completions man help" -f -a "logout" -d 'Sign out: revoke the session at the portal, remove its tokens and role credentials'
complete -c eksso -n "__fish_eksso_using_subcommand help; and not __fish_seen_subcommand_from login logout status roles clusters add sync use ns rename rm whoami console doctor access audit scaffold exec shell env import export undo init prompt token credentials log config setup profiles completions man help" -f -a "status" -d 'Show sessions: who is signed in, until when, and the current context'
complete -c eksso -n "__fish_eksso_using_subcommand help; and not __fish_seen_subcommand_from login logout status roles clusters add sync use ns rename rm whoami console doctor access audit scaffold exec shell env import export undo init prompt token credentials log config setup profiles completions man help" -f -a "roles" -d 'List the accounts and roles you are assigned'
complete -c eksso -n "__fish_eksso_using_subcommand help; and not __fish_seen_subcommand_from login logout status roles clusters add sync use ns rename rm whoami console doctor access audit scaffold exec shell env import export undo init prompt token credentials log config setup profiles completions man help" -f -a "clusters" -d 'List the EKS clusters your roles can see, and which of your roles each of them lets in'
complete -c eksso -n "__fish_eksso_using_subcommand help; and not __fish_seen_subcommand_from login logout status roles clusters add sync use ns rename rm whoami console doctor access audit scaffold exec shell env import export undo init prompt token credentials log config setup profiles completions man help" -f -a "add" -d 'Choose clusters and roles, and write their kubeconfig contexts'
complete -c eksso -n "__fish_eksso_using_subcommand help; and not __fish_seen_subcommand_from login logout status roles clusters add sync use ns rename rm whoami console doctor access audit scaffold exec shell env import export undo init prompt token credentials log config setup profiles completions man help" -f -a "sync" -d 'Write a context for every cluster and role that matches'
complete -c eksso -n "__fish_eksso_using_subcommand help; and not __fish_seen_subcommand_from login logout status roles clusters add sync use ns rename rm whoami console doctor access audit scaffold exec shell env import export undo init prompt token credentials log config setup profiles completions man help" -f -a "use" -d 'Switch the current kubeconfig context'
complete -c eksso -n "__fish_eksso_using_subcommand help; and not __fish_seen_subcommand_from login logout status roles clusters add sync use ns rename rm whoami console doctor access audit scaffold exec shell env import export undo init prompt token credentials log config setup profiles completions man help" -f -a "ns" -d 'Show or switch the namespace of the current context'
complete -c eksso -n "__fish_eksso_using_subcommand help; and not __fish_seen_subcommand_from login logout status roles clusters add sync use ns rename rm whoami console doctor access audit scaffold exec shell env import export undo init prompt token credentials log config setup profiles completions man help" -f -a "rename" -d 'Give a context another name'
complete -c eksso -n "__fish_eksso_using_subcommand help; and not __fish_seen_subcommand_from login logout status roles clusters add sync use ns rename rm whoami console doctor access audit scaffold exec shell env import export undo init prompt token credentials log config setup profiles completions man help" -f -a "rm" -d 'Remove contexts'
complete -c eksso -n "__fish_eksso_using_subcommand help; and not __fish_seen_subcommand_from login logout status roles clusters add sync use ns rename rm whoami console doctor access audit scaffold exec shell env import export undo init prompt token credentials log config setup profiles completions man help" -f -a "whoami" -d 'Show who a context is: the person, the role, the Kubernetes user and its groups, and what it may do'
complete -c eksso -n "__fish_eksso_using_subcommand help; and not __fish_seen_subcommand_from login logout status roles clusters add sync use ns rename rm whoami console doctor access audit scaffold exec shell env import export undo init prompt token credentials log config setup profiles completions man help" -f -a "console" -d 'Open a cluster\'s page in the AWS console, as the context\'s role'
complete -c eksso -n "__fish_eksso_using_subcommand help; and not __fish_seen_subcommand_from login logout status roles clusters add sync use ns rename rm whoami console doctor access audit scaffold exec shell env import export undo init prompt token credentials log config setup profiles completions man help" -f -a "doctor" -d 'Find out why something does not work'
complete -c eksso -n "__fish_eksso_using_subcommand help; and not __fish_seen_subcommand_from login logout status roles clusters add sync use ns rename rm whoami console doctor access audit scaffold exec shell env import export undo init prompt token credentials log config setup profiles completions man help" -f -a "access" -d 'Show who is let in by which cluster, as what, to do what, and why'
complete -c eksso -n "__fish_eksso_using_subcommand help; and not __fish_seen_subcommand_from login logout status roles clusters add sync use ns rename rm whoami console doctor access audit scaffold exec shell env import export undo init prompt token credentials log config setup profiles completions man help" -f -a "audit" -d 'Find what is wrong with who may do what in clusters, and how to mend it'
complete -c eksso -n "__fish_eksso_using_subcommand help; and not __fish_seen_subcommand_from login logout status roles clusters add sync use ns rename rm whoami console doctor access audit scaffold exec shell env import export undo init prompt token credentials log config setup profiles completions man help" -f -a "scaffold" -d 'Make dedicated roles, policies, access entries and bindings as code, from one reviewed file'
complete -c eksso -n "__fish_eksso_using_subcommand help; and not __fish_seen_subcommand_from login logout status roles clusters add sync use ns rename rm whoami console doctor access audit scaffold exec shell env import export undo init prompt token credentials log config setup profiles completions man help" -f -a "exec" -d 'Run a command in one context, or in several'
complete -c eksso -n "__fish_eksso_using_subcommand help; and not __fish_seen_subcommand_from login logout status roles clusters add sync use ns rename rm whoami console doctor access audit scaffold exec shell env import export undo init prompt token credentials log config setup profiles completions man help" -f -a "shell" -d 'Start a shell in which one context is current'
complete -c eksso -n "__fish_eksso_using_subcommand help; and not __fish_seen_subcommand_from login logout status roles clusters add sync use ns rename rm whoami console doctor access audit scaffold exec shell env import export undo init prompt token credentials log config setup profiles completions man help" -f -a "env" -d 'Print what makes this shell use one context'
complete -c eksso -n "__fish_eksso_using_subcommand help; and not __fish_seen_subcommand_from login logout status roles clusters add sync use ns rename rm whoami console doctor access audit scaffold exec shell env import export undo init prompt token credentials log config setup profiles completions man help" -f -a "import" -d 'Take over the contexts that the AWS CLI and others made'
complete -c eksso -n "__fish_eksso_using_subcommand help; and not __fish_seen_subcommand_from login logout status roles clusters add sync use ns rename rm whoami console doctor access audit scaffold exec shell env import export undo init prompt token credentials log config setup profiles completions man help" -f -a "export" -d 'Print a kubeconfig with contexts of eksso, to be handed to others'
complete -c eksso -n "__fish_eksso_using_subcommand help; and not __fish_seen_subcommand_from login logout status roles clusters add sync use ns rename rm whoami console doctor access audit scaffold exec shell env import export undo init prompt token credentials log config setup profiles completions man help" -f -a "undo" -d 'Take back the last change that eksso made to a kubeconfig'
complete -c eksso -n "__fish_eksso_using_subcommand help; and not __fish_seen_subcommand_from login logout status roles clusters add sync use ns rename rm whoami console doctor access audit scaffold exec shell env import export undo init prompt token credentials log config setup profiles completions man help" -f -a "init" -d 'Print what a shell\'s start file evaluates'
complete -c eksso -n "__fish_eksso_using_subcommand help; and not __fish_seen_subcommand_from login logout status roles clusters add sync use ns rename rm whoami console doctor access audit scaffold exec shell env import export undo init prompt token credentials log config setup profiles completions man help" -f -a "prompt" -d 'Print the current context in a line, for a shell\'s prompt'
complete -c eksso -n "__fish_eksso_using_subcommand help; and not __fish_seen_subcommand_from login logout status roles clusters add sync use ns rename rm whoami console doctor access audit scaffold exec shell env import export undo init prompt token credentials log config setup profiles completions man help" -f -a "token" -d 'Print an ExecCredential: what kubectl calls'
complete -c eksso -n "__fish_eksso_using_subcommand help; and not __fish_seen_subcommand_from login logout status roles clusters add sync use ns rename rm whoami console doctor access audit scaffold exec shell env import export undo init prompt token credentials log config setup profiles completions man help" -f -a "credentials" -d 'Print AWS credentials of a role for other programs'
complete -c eksso -n "__fish_eksso_using_subcommand help; and not __fish_seen_subcommand_from login logout status roles clusters add sync use ns rename rm whoami console doctor access audit scaffold exec shell env import export undo init prompt token credentials log config setup profiles completions man help" -f -a "log" -d 'Show the audit trail: sign-ins, and credentials that were handed out'
complete -c eksso -n "__fish_eksso_using_subcommand help; and not __fish_seen_subcommand_from login logout status roles clusters add sync use ns rename rm whoami console doctor access audit scaffold exec shell env import export undo init prompt token credentials log config setup profiles completions man help" -f -a "config" -d 'Show, edit and check the settings'
complete -c eksso -n "__fish_eksso_using_subcommand help; and not __fish_seen_subcommand_from login logout status roles clusters add sync use ns rename rm whoami console doctor access audit scaffold exec shell env import export undo init prompt token credentials log config setup profiles completions man help" -f -a "setup" -d 'Install the settings of an organisation, below your own'
complete -c eksso -n "__fish_eksso_using_subcommand help; and not __fish_seen_subcommand_from login logout status roles clusters add sync use ns rename rm whoami console doctor access audit scaffold exec shell env import export undo init prompt token credentials log config setup profiles completions man help" -f -a "profiles" -d 'Write an AWS profile for every role that matches'
complete -c eksso -n "__fish_eksso_using_subcommand help; and not __fish_seen_subcommand_from login logout status roles clusters add sync use ns rename rm whoami console doctor access audit scaffold exec shell env import export undo init prompt token credentials log config setup profiles completions man help" -f -a "completions" -d 'Print the completion script of a shell'
complete -c eksso -n "__fish_eksso_using_subcommand help; and not __fish_seen_subcommand_from login logout status roles clusters add sync use ns rename rm whoami console doctor access audit scaffold exec shell env import export undo init prompt token credentials log config setup profiles completions man help" -f -a "man" -d 'Print a manual page, in roff: `eksso man | man -l -`'
complete -c eksso -n "__fish_eksso_using_subcommand help; and not __fish_seen_subcommand_from login logout status roles clusters add sync use ns rename rm whoami console doctor access audit scaffold exec shell env import export undo init prompt token credentials log config setup profiles completions man help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c eksso -n "__fish_eksso_using_subcommand help; and __fish_seen_subcommand_from access" -f -a "snapshot" -d 'Keep who may do what in a file, to compare it later'
complete -c eksso -n "__fish_eksso_using_subcommand help; and __fish_seen_subcommand_from access" -f -a "diff" -d 'Show what somebody gained and lost between two snapshots'
complete -c eksso -n "__fish_eksso_using_subcommand help; and __fish_seen_subcommand_from audit" -f -a "rules" -d 'List the rules: id, severity, title, tags, and whether a rule can judge a plan with nobody asked'
complete -c eksso -n "__fish_eksso_using_subcommand help; and __fish_seen_subcommand_from audit" -f -a "explain" -d 'Tell what a rule looks for, why it matters, and how to mend it'
complete -c eksso -n "__fish_eksso_using_subcommand help; and __fish_seen_subcommand_from scaffold" -f -a "init" -d 'Write a commented access.toml to begin with; never over a file that is there'
complete -c eksso -n "__fish_eksso_using_subcommand help; and __fish_seen_subcommand_from scaffold" -f -a "check" -d 'Show who may do what, as a matrix, before anything is applied; asks nobody'
complete -c eksso -n "__fish_eksso_using_subcommand help; and __fish_seen_subcommand_from scaffold" -f -a "write" -d 'Write the code into a folder; without a kind, all kinds'
complete -c eksso -n "__fish_eksso_using_subcommand help; and __fish_seen_subcommand_from scaffold" -f -a "diff" -d 'Compare what there is with the file: drift'
complete -c eksso -n "__fish_eksso_using_subcommand help; and __fish_seen_subcommand_from scaffold" -f -a "from-live" -d 'Write an access.toml of what clusters have today; never over a file that is there'
complete -c eksso -n "__fish_eksso_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "path" -d 'Print where config.toml is; with -o json also the organisation\'s file and the policy'
complete -c eksso -n "__fish_eksso_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "show" -d 'Print each setting with its value and where that comes from'
complete -c eksso -n "__fish_eksso_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "edit" -d 'Open a copy in $VISUAL or $EDITOR, and take it when it is valid'
complete -c eksso -n "__fish_eksso_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "check" -d 'Tell whether settings are valid; a mistake is named with its line and key'
complete -c eksso -n "__fish_eksso_using_subcommand use" -f -a "(eksso use -o name 2>/dev/null)"
complete -c eksso -n "__fish_eksso_using_subcommand exec" -f -a "(eksso use -o name 2>/dev/null)"
complete -c eksso -n "__fish_eksso_using_subcommand shell" -f -a "(eksso use -o name 2>/dev/null)"
complete -c eksso -n "__fish_eksso_using_subcommand env" -f -a "(eksso use -o name 2>/dev/null)"
complete -c eksso -n "__fish_eksso_using_subcommand import" -f -a "(eksso use -o name 2>/dev/null)"
complete -c eksso -n "__fish_eksso_using_subcommand export" -f -a "(eksso use -o name 2>/dev/null)"
complete -c eksso -n "__fish_eksso_using_subcommand console" -f -a "(eksso use -o name 2>/dev/null)"
complete -c eksso -n "__fish_eksso_using_subcommand credentials" -f -a "(eksso use -o name 2>/dev/null)"
complete -c eksso -n "__fish_eksso_using_subcommand rm" -f -a "(eksso use -o name 2>/dev/null)"
complete -c eksso -n "__fish_eksso_using_subcommand rename" -f -a "(eksso use -o name 2>/dev/null)"
