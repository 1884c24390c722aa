
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'eksso' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'eksso'
        for ($i = 1; $i -lt $commandElements.Count; $i++) {
            $element = $commandElements[$i]
            if ($element -isnot [StringConstantExpressionAst] -or
                $element.StringConstantType -ne [StringConstantType]::BareWord -or
                $element.Value.StartsWith('-') -or
                $element.Value -eq $wordToComplete) {
                break
        }
        $element.Value
    }) -join ';'

    $completions = @(switch ($command) {
        'eksso' {
            [CompletionResult]::new('--session', '--session', [CompletionResultType]::ParameterName, 'The session to use [env: EKSSO_SESSION]')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'The kubeconfig to use instead of KUBECONFIG and ~/.kube/config')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The settings to use instead of config.toml [env: EKSSO_CONFIG]')
            [CompletionResult]::new('--keyring', '--keyring', [CompletionResultType]::ParameterName, 'Where secrets are kept: auto, secret-service, keychain, wincred, keyutils, passphrase, plaintext [env: EKSSO_KEYRING]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of lists')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of lists')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour (NO_COLOR is honoured)')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal [env: EKSSO_NO_INPUT=1]')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say how it is done; twice: in more detail')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say how it is done; twice: in more detail')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('login', 'login', [CompletionResultType]::ParameterValue, 'Sign in')
            [CompletionResult]::new('logout', 'logout', [CompletionResultType]::ParameterValue, 'Sign out: revoke the session at the portal, remove its tokens and role credentials')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show sessions: who is signed in, until when, and the current context')
            [CompletionResult]::new('roles', 'roles', [CompletionResultType]::ParameterValue, 'List the accounts and roles you are assigned')
            [CompletionResult]::new('clusters', 'clusters', [CompletionResultType]::ParameterValue, 'List the EKS clusters your roles can see, and which of your roles each of them lets in')
            [CompletionResult]::new('add', 'add', [CompletionResultType]::ParameterValue, 'Choose clusters and roles, and write their kubeconfig contexts')
            [CompletionResult]::new('sync', 'sync', [CompletionResultType]::ParameterValue, 'Write a context for every cluster and role that matches')
            [CompletionResult]::new('use', 'use', [CompletionResultType]::ParameterValue, 'Switch the current kubeconfig context')
            [CompletionResult]::new('ns', 'ns', [CompletionResultType]::ParameterValue, 'Show or switch the namespace of the current context')
            [CompletionResult]::new('rename', 'rename', [CompletionResultType]::ParameterValue, 'Give a context another name')
            [CompletionResult]::new('rm', 'rm', [CompletionResultType]::ParameterValue, 'Remove contexts')
            [CompletionResult]::new('whoami', 'whoami', [CompletionResultType]::ParameterValue, 'Show who a context is: the person, the role, the Kubernetes user and its groups, and what it may do')
            [CompletionResult]::new('console', 'console', [CompletionResultType]::ParameterValue, 'Open a cluster''s page in the AWS console, as the context''s role')
            [CompletionResult]::new('doctor', 'doctor', [CompletionResultType]::ParameterValue, 'Find out why something does not work')
            [CompletionResult]::new('access', 'access', [CompletionResultType]::ParameterValue, 'Show who is let in by which cluster, as what, to do what, and why')
            [CompletionResult]::new('audit', 'audit', [CompletionResultType]::ParameterValue, 'Find what is wrong with who may do what in clusters, and how to mend it')
            [CompletionResult]::new('scaffold', 'scaffold', [CompletionResultType]::ParameterValue, 'Make dedicated roles, policies, access entries and bindings as code, from one reviewed file')
            [CompletionResult]::new('exec', 'exec', [CompletionResultType]::ParameterValue, 'Run a command in one context, or in several')
            [CompletionResult]::new('shell', 'shell', [CompletionResultType]::ParameterValue, 'Start a shell in which one context is current')
            [CompletionResult]::new('env', 'env', [CompletionResultType]::ParameterValue, 'Print what makes this shell use one context')
            [CompletionResult]::new('import', 'import', [CompletionResultType]::ParameterValue, 'Take over the contexts that the AWS CLI and others made')
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Print a kubeconfig with contexts of eksso, to be handed to others')
            [CompletionResult]::new('undo', 'undo', [CompletionResultType]::ParameterValue, 'Take back the last change that eksso made to a kubeconfig')
            [CompletionResult]::new('init', 'init', [CompletionResultType]::ParameterValue, 'Print what a shell''s start file evaluates')
            [CompletionResult]::new('prompt', 'prompt', [CompletionResultType]::ParameterValue, 'Print the current context in a line, for a shell''s prompt')
            [CompletionResult]::new('token', 'token', [CompletionResultType]::ParameterValue, 'Print an ExecCredential: what kubectl calls')
            [CompletionResult]::new('credentials', 'credentials', [CompletionResultType]::ParameterValue, 'Print AWS credentials of a role for other programs')
            [CompletionResult]::new('log', 'log', [CompletionResultType]::ParameterValue, 'Show the audit trail: sign-ins, and credentials that were handed out')
            [CompletionResult]::new('config', 'config', [CompletionResultType]::ParameterValue, 'Show, edit and check the settings')
            [CompletionResult]::new('setup', 'setup', [CompletionResultType]::ParameterValue, 'Install the settings of an organisation, below your own')
            [CompletionResult]::new('profiles', 'profiles', [CompletionResultType]::ParameterValue, 'Write an AWS profile for every role that matches')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print the completion script of a shell')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Print a manual page, in roff: `eksso man | man -l -`')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'eksso;login' {
            [CompletionResult]::new('--start-url', '--start-url', [CompletionResultType]::ParameterName, 'The access portal, such as https://example.awsapps.com/start')
            [CompletionResult]::new('--sso-region', '--sso-region', [CompletionResultType]::ParameterName, 'The region of the IAM Identity Center instance; may be left out where the URL or its redirect names it')
            [CompletionResult]::new('--okta', '--okta', [CompletionResultType]::ParameterName, 'Your Okta org, such as https://example.okta.com, for roles that trust Okta itself (AWS Account Federation)')
            [CompletionResult]::new('--client-id', '--client-id', [CompletionResultType]::ParameterName, 'The client that eksso is in the Okta org: an OIDC native app')
            [CompletionResult]::new('--app-id', '--app-id', [CompletionResultType]::ParameterName, 'The AWS app in the Okta org, where you have several; asked for if not given')
            [CompletionResult]::new('--partition', '--partition', [CompletionResultType]::ParameterName, 'A partition whose roles are wanted, such as aws-us-gov; may be repeated')
            [CompletionResult]::new('--flow', '--flow', [CompletionResultType]::ParameterName, 'How to sign in; the session''s own setting where this is not given')
            [CompletionResult]::new('--session', '--session', [CompletionResultType]::ParameterName, 'The session to use [env: EKSSO_SESSION]')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'The kubeconfig to use instead of KUBECONFIG and ~/.kube/config')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The settings to use instead of config.toml [env: EKSSO_CONFIG]')
            [CompletionResult]::new('--keyring', '--keyring', [CompletionResultType]::ParameterName, 'Where secrets are kept: auto, secret-service, keychain, wincred, keyutils, passphrase, plaintext [env: EKSSO_KEYRING]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of lists')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of lists')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour (NO_COLOR is honoured)')
            [CompletionResult]::new('--no-browser', '--no-browser', [CompletionResultType]::ParameterName, 'Do not open a browser')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Sign in anew even if you are signed in')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'Sign in to every session whose sign-in has ended, one after the other')
            [CompletionResult]::new('--share-with-aws-cli', '--share-with-aws-cli', [CompletionResultType]::ParameterName, 'Write the access token to ~/.aws/sso/cache too, so that the AWS CLI and SDKs are signed in while it lives')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal [env: EKSSO_NO_INPUT=1]')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say how it is done; twice: in more detail')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say how it is done; twice: in more detail')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'eksso;logout' {
            [CompletionResult]::new('--session', '--session', [CompletionResultType]::ParameterName, 'The session to use [env: EKSSO_SESSION]')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'The kubeconfig to use instead of KUBECONFIG and ~/.kube/config')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The settings to use instead of config.toml [env: EKSSO_CONFIG]')
            [CompletionResult]::new('--keyring', '--keyring', [CompletionResultType]::ParameterName, 'Where secrets are kept: auto, secret-service, keychain, wincred, keyutils, passphrase, plaintext [env: EKSSO_KEYRING]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of lists')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of lists')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour (NO_COLOR is honoured)')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'End all sessions, also those that are not in the settings any more')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Remove the tokens even if the provider could not be told, or they cannot be read (a forgotten passphrase)')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal [env: EKSSO_NO_INPUT=1]')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say how it is done; twice: in more detail')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say how it is done; twice: in more detail')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'eksso;status' {
            [CompletionResult]::new('--session', '--session', [CompletionResultType]::ParameterName, 'The session to use [env: EKSSO_SESSION]')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'The kubeconfig to use instead of KUBECONFIG and ~/.kube/config')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The settings to use instead of config.toml [env: EKSSO_CONFIG]')
            [CompletionResult]::new('--keyring', '--keyring', [CompletionResultType]::ParameterName, 'Where secrets are kept: auto, secret-service, keychain, wincred, keyutils, passphrase, plaintext [env: EKSSO_KEYRING]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of lists')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of lists')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour (NO_COLOR is honoured)')
            [CompletionResult]::new('--check', '--check', [CompletionResultType]::ParameterName, 'Exit with 0 if the session is signed in, with 3 if it is not; with -q nothing is printed')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal [env: EKSSO_NO_INPUT=1]')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say how it is done; twice: in more detail')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say how it is done; twice: in more detail')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'eksso;roles' {
            [CompletionResult]::new('--account', '--account', [CompletionResultType]::ParameterName, 'Accounts by id or name, with * and ? as wildcards')
            [CompletionResult]::new('--role', '--role', [CompletionResultType]::ParameterName, 'Roles (permission sets) by name, with wildcards')
            [CompletionResult]::new('--filter', '--filter', [CompletionResultType]::ParameterName, 'The filter that config.toml has under [filters.NAME]; what is given beside it counts in place of its lists')
            [CompletionResult]::new('--session', '--session', [CompletionResultType]::ParameterName, 'The session to use [env: EKSSO_SESSION]')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'The kubeconfig to use instead of KUBECONFIG and ~/.kube/config')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The settings to use instead of config.toml [env: EKSSO_CONFIG]')
            [CompletionResult]::new('--keyring', '--keyring', [CompletionResultType]::ParameterName, 'Where secrets are kept: auto, secret-service, keychain, wincred, keyutils, passphrase, plaintext [env: EKSSO_KEYRING]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of lists')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of lists')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour (NO_COLOR is honoured)')
            [CompletionResult]::new('--all-sessions', '--all-sessions', [CompletionResultType]::ParameterName, 'As every session that is configured, all in one list')
            [CompletionResult]::new('--refresh', '--refresh', [CompletionResultType]::ParameterName, 'Ask for the list again, however lately that was done')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal [env: EKSSO_NO_INPUT=1]')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say how it is done; twice: in more detail')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say how it is done; twice: in more detail')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'eksso;clusters' {
            [CompletionResult]::new('--account', '--account', [CompletionResultType]::ParameterName, 'Accounts by id or name, with * and ? as wildcards')
            [CompletionResult]::new('--role', '--role', [CompletionResultType]::ParameterName, 'Roles (permission sets) by name, with wildcards')
            [CompletionResult]::new('--filter', '--filter', [CompletionResultType]::ParameterName, 'The filter that config.toml has under [filters.NAME]; what is given beside it counts in place of its lists')
            [CompletionResult]::new('--region', '--region', [CompletionResultType]::ParameterName, 'Regions, with wildcards; without it, `regions` of config.toml, else all regions of EKS')
            [CompletionResult]::new('--cluster', '--cluster', [CompletionResultType]::ParameterName, 'Clusters by name, with wildcards')
            [CompletionResult]::new('--tag', '--tag', [CompletionResultType]::ParameterName, 'Clusters by tag, with wildcards in the value; KEY alone: any value. One key several times: any of the values')
            [CompletionResult]::new('-L', '-L ', [CompletionResultType]::ParameterName, 'Also show these tags, each in a column of its own')
            [CompletionResult]::new('--tag-columns', '--tag-columns', [CompletionResultType]::ParameterName, 'Also show these tags, each in a column of its own')
            [CompletionResult]::new('--session', '--session', [CompletionResultType]::ParameterName, 'The session to use [env: EKSSO_SESSION]')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'The kubeconfig to use instead of KUBECONFIG and ~/.kube/config')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The settings to use instead of config.toml [env: EKSSO_CONFIG]')
            [CompletionResult]::new('--keyring', '--keyring', [CompletionResultType]::ParameterName, 'Where secrets are kept: auto, secret-service, keychain, wincred, keyutils, passphrase, plaintext [env: EKSSO_KEYRING]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of lists')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of lists')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour (NO_COLOR is honoured)')
            [CompletionResult]::new('--all-sessions', '--all-sessions', [CompletionResultType]::ParameterName, 'As every session that is configured, all in one list')
            [CompletionResult]::new('--refresh', '--refresh', [CompletionResultType]::ParameterName, 'Look at everything again, however lately it was seen')
            [CompletionResult]::new('--verify', '--verify', [CompletionResultType]::ParameterName, 'Ask each cluster itself, as each role, who it is there (SelfSubjectReview)')
            [CompletionResult]::new('--stream', '--stream', [CompletionResultType]::ParameterName, 'With -o json: one object a line, as soon as it is known')
            [CompletionResult]::new('--show-tags', '--show-tags', [CompletionResultType]::ParameterName, 'Also show all tags of each cluster')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal [env: EKSSO_NO_INPUT=1]')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say how it is done; twice: in more detail')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say how it is done; twice: in more detail')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'eksso;add' {
            [CompletionResult]::new('--account', '--account', [CompletionResultType]::ParameterName, 'Accounts by id or name, with * and ? as wildcards')
            [CompletionResult]::new('--role', '--role', [CompletionResultType]::ParameterName, 'Roles (permission sets) by name, with wildcards')
            [CompletionResult]::new('--filter', '--filter', [CompletionResultType]::ParameterName, 'The filter that config.toml has under [filters.NAME]; what is given beside it counts in place of its lists')
            [CompletionResult]::new('--region', '--region', [CompletionResultType]::ParameterName, 'Regions, with wildcards; without it, `regions` of config.toml, else all regions of EKS')
            [CompletionResult]::new('--cluster', '--cluster', [CompletionResultType]::ParameterName, 'Clusters by name, with wildcards')
            [CompletionResult]::new('--tag', '--tag', [CompletionResultType]::ParameterName, 'Clusters by tag, with wildcards in the value; KEY alone: any value. One key several times: any of the values')
            [CompletionResult]::new('--session', '--session', [CompletionResultType]::ParameterName, 'The session to use [env: EKSSO_SESSION]')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'The kubeconfig to use instead of KUBECONFIG and ~/.kube/config')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The settings to use instead of config.toml [env: EKSSO_CONFIG]')
            [CompletionResult]::new('--keyring', '--keyring', [CompletionResultType]::ParameterName, 'Where secrets are kept: auto, secret-service, keychain, wincred, keyutils, passphrase, plaintext [env: EKSSO_KEYRING]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of lists')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of lists')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour (NO_COLOR is honoured)')
            [CompletionResult]::new('--all-sessions', '--all-sessions', [CompletionResultType]::ParameterName, 'As every session that is configured, all in one list')
            [CompletionResult]::new('--use', '--use', [CompletionResultType]::ParameterName, 'Make the (first) new context the current one')
            [CompletionResult]::new('--refresh', '--refresh', [CompletionResultType]::ParameterName, 'Also try again what your roles were denied lately')
            [CompletionResult]::new('--verify', '--verify', [CompletionResultType]::ParameterName, 'Ask each cluster itself, as each role, whether it lets the role in')
            [CompletionResult]::new('--unmapped', '--unmapped', [CompletionResultType]::ParameterName, 'Also write contexts for roles that the cluster is known not to let in')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Do not ask where config.toml says that a context asks first')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask where config.toml says that a context asks first')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Print what would change as a unified diff, and change nothing')
            [CompletionResult]::new('--absolute-command', '--absolute-command', [CompletionResultType]::ParameterName, 'Write the full path of eksso, for programs that are started without your PATH')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal [env: EKSSO_NO_INPUT=1]')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say how it is done; twice: in more detail')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say how it is done; twice: in more detail')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'eksso;sync' {
            [CompletionResult]::new('--account', '--account', [CompletionResultType]::ParameterName, 'Accounts by id or name, with * and ? as wildcards')
            [CompletionResult]::new('--role', '--role', [CompletionResultType]::ParameterName, 'Roles (permission sets) by name, with wildcards')
            [CompletionResult]::new('--filter', '--filter', [CompletionResultType]::ParameterName, 'The filter that config.toml has under [filters.NAME]; what is given beside it counts in place of its lists')
            [CompletionResult]::new('--region', '--region', [CompletionResultType]::ParameterName, 'Regions, with wildcards; without it, `regions` of config.toml, else all regions of EKS')
            [CompletionResult]::new('--cluster', '--cluster', [CompletionResultType]::ParameterName, 'Clusters by name, with wildcards')
            [CompletionResult]::new('--tag', '--tag', [CompletionResultType]::ParameterName, 'Clusters by tag, with wildcards in the value; KEY alone: any value. One key several times: any of the values')
            [CompletionResult]::new('--session', '--session', [CompletionResultType]::ParameterName, 'The session to use [env: EKSSO_SESSION]')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'The kubeconfig to use instead of KUBECONFIG and ~/.kube/config')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The settings to use instead of config.toml [env: EKSSO_CONFIG]')
            [CompletionResult]::new('--keyring', '--keyring', [CompletionResultType]::ParameterName, 'Where secrets are kept: auto, secret-service, keychain, wincred, keyutils, passphrase, plaintext [env: EKSSO_KEYRING]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of lists')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of lists')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour (NO_COLOR is honoured)')
            [CompletionResult]::new('--all-sessions', '--all-sessions', [CompletionResultType]::ParameterName, 'As every session that is configured, all in one list')
            [CompletionResult]::new('--prune', '--prune', [CompletionResultType]::ParameterName, 'Also remove contexts of eksso, of this session and these filters, whose role or cluster is gone')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Do not ask before many contexts are removed')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask before many contexts are removed')
            [CompletionResult]::new('--refresh', '--refresh', [CompletionResultType]::ParameterName, 'Also try again what your roles were denied lately')
            [CompletionResult]::new('--verify', '--verify', [CompletionResultType]::ParameterName, 'Ask each cluster itself, as each role, whether it lets the role in')
            [CompletionResult]::new('--unmapped', '--unmapped', [CompletionResultType]::ParameterName, 'Also write contexts for roles that the cluster is known not to let in')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Print what would change as a unified diff, and change nothing')
            [CompletionResult]::new('--absolute-command', '--absolute-command', [CompletionResultType]::ParameterName, 'Write the full path of eksso, for programs that are started without your PATH')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal [env: EKSSO_NO_INPUT=1]')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say how it is done; twice: in more detail')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say how it is done; twice: in more detail')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'eksso;use' {
            [CompletionResult]::new('--role', '--role', [CompletionResultType]::ParameterName, 'The same cluster with another role of yours; the current context''s where no context is named')
            [CompletionResult]::new('--for', '--for', [CompletionResultType]::ParameterName, 'How long: 1m to 12h. Then kubectl is refused, and the role is the former one again')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'The namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'The namespace')
            [CompletionResult]::new('--session', '--session', [CompletionResultType]::ParameterName, 'The session to use [env: EKSSO_SESSION]')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'The kubeconfig to use instead of KUBECONFIG and ~/.kube/config')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The settings to use instead of config.toml [env: EKSSO_CONFIG]')
            [CompletionResult]::new('--keyring', '--keyring', [CompletionResultType]::ParameterName, 'Where secrets are kept: auto, secret-service, keychain, wincred, keyutils, passphrase, plaintext [env: EKSSO_KEYRING]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of lists')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of lists')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour (NO_COLOR is honoured)')
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'Print the current context, and change nothing')
            [CompletionResult]::new('--current', '--current', [CompletionResultType]::ParameterName, 'Print the current context, and change nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Do not ask where config.toml says that a context asks first')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask where config.toml says that a context asks first')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Print what would change as a unified diff, and change nothing')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal [env: EKSSO_NO_INPUT=1]')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say how it is done; twice: in more detail')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say how it is done; twice: in more detail')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'eksso;ns' {
            [CompletionResult]::new('--session', '--session', [CompletionResultType]::ParameterName, 'The session to use [env: EKSSO_SESSION]')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'The kubeconfig to use instead of KUBECONFIG and ~/.kube/config')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The settings to use instead of config.toml [env: EKSSO_CONFIG]')
            [CompletionResult]::new('--keyring', '--keyring', [CompletionResultType]::ParameterName, 'Where secrets are kept: auto, secret-service, keychain, wincred, keyutils, passphrase, plaintext [env: EKSSO_KEYRING]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of lists')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of lists')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour (NO_COLOR is honoured)')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Print what would change as a unified diff, and change nothing')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal [env: EKSSO_NO_INPUT=1]')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say how it is done; twice: in more detail')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say how it is done; twice: in more detail')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'eksso;rename' {
            [CompletionResult]::new('--session', '--session', [CompletionResultType]::ParameterName, 'The session to use [env: EKSSO_SESSION]')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'The kubeconfig to use instead of KUBECONFIG and ~/.kube/config')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The settings to use instead of config.toml [env: EKSSO_CONFIG]')
            [CompletionResult]::new('--keyring', '--keyring', [CompletionResultType]::ParameterName, 'Where secrets are kept: auto, secret-service, keychain, wincred, keyutils, passphrase, plaintext [env: EKSSO_KEYRING]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of lists')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of lists')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour (NO_COLOR is honoured)')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Do not ask where config.toml says that the context asks first, and the new name would not')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask where config.toml says that the context asks first, and the new name would not')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Print what would change as a unified diff, and change nothing')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal [env: EKSSO_NO_INPUT=1]')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say how it is done; twice: in more detail')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say how it is done; twice: in more detail')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'eksso;rm' {
            [CompletionResult]::new('--session', '--session', [CompletionResultType]::ParameterName, 'The session to use [env: EKSSO_SESSION]')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'The kubeconfig to use instead of KUBECONFIG and ~/.kube/config')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The settings to use instead of config.toml [env: EKSSO_CONFIG]')
            [CompletionResult]::new('--keyring', '--keyring', [CompletionResultType]::ParameterName, 'Where secrets are kept: auto, secret-service, keychain, wincred, keyutils, passphrase, plaintext [env: EKSSO_KEYRING]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of lists')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of lists')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour (NO_COLOR is honoured)')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Print what would change as a unified diff, and change nothing')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal [env: EKSSO_NO_INPUT=1]')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say how it is done; twice: in more detail')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say how it is done; twice: in more detail')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'eksso;whoami' {
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'The namespace whose rules are shown; the context''s where none is named')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'The namespace whose rules are shown; the context''s where none is named')
            [CompletionResult]::new('--session', '--session', [CompletionResultType]::ParameterName, 'The session to use [env: EKSSO_SESSION]')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'The kubeconfig to use instead of KUBECONFIG and ~/.kube/config')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The settings to use instead of config.toml [env: EKSSO_CONFIG]')
            [CompletionResult]::new('--keyring', '--keyring', [CompletionResultType]::ParameterName, 'Where secrets are kept: auto, secret-service, keychain, wincred, keyutils, passphrase, plaintext [env: EKSSO_KEYRING]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of lists')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of lists')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour (NO_COLOR is honoured)')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal [env: EKSSO_NO_INPUT=1]')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say how it is done; twice: in more detail')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say how it is done; twice: in more detail')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'eksso;console' {
            [CompletionResult]::new('--session', '--session', [CompletionResultType]::ParameterName, 'The session to use [env: EKSSO_SESSION]')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'The kubeconfig to use instead of KUBECONFIG and ~/.kube/config')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The settings to use instead of config.toml [env: EKSSO_CONFIG]')
            [CompletionResult]::new('--keyring', '--keyring', [CompletionResultType]::ParameterName, 'Where secrets are kept: auto, secret-service, keychain, wincred, keyutils, passphrase, plaintext [env: EKSSO_KEYRING]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of lists')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of lists')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour (NO_COLOR is honoured)')
            [CompletionResult]::new('--print', '--print', [CompletionResultType]::ParameterName, 'Print the address and open nothing; with Okta, and for assumed roles, it is a secret for some minutes')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Do not ask where config.toml says that a context asks first')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask where config.toml says that a context asks first')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal [env: EKSSO_NO_INPUT=1]')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say how it is done; twice: in more detail')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say how it is done; twice: in more detail')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'eksso;doctor' {
            [CompletionResult]::new('--bundle', '--bundle', [CompletionResultType]::ParameterName, 'Also write a report without names and secrets to a new file, for a bug tracker (JSON)')
            [CompletionResult]::new('--session', '--session', [CompletionResultType]::ParameterName, 'The session to use [env: EKSSO_SESSION]')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'The kubeconfig to use instead of KUBECONFIG and ~/.kube/config')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The settings to use instead of config.toml [env: EKSSO_CONFIG]')
            [CompletionResult]::new('--keyring', '--keyring', [CompletionResultType]::ParameterName, 'Where secrets are kept: auto, secret-service, keychain, wincred, keyutils, passphrase, plaintext [env: EKSSO_KEYRING]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of lists')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of lists')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour (NO_COLOR is honoured)')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal [env: EKSSO_NO_INPUT=1]')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say how it is done; twice: in more detail')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say how it is done; twice: in more detail')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'eksso;access' {
            [CompletionResult]::new('--account', '--account', [CompletionResultType]::ParameterName, 'Accounts by id or name, with * and ? as wildcards')
            [CompletionResult]::new('--role', '--role', [CompletionResultType]::ParameterName, 'Roles (permission sets) by name, with wildcards')
            [CompletionResult]::new('--filter', '--filter', [CompletionResultType]::ParameterName, 'The filter that config.toml has under [filters.NAME]; what is given beside it counts in place of its lists')
            [CompletionResult]::new('--region', '--region', [CompletionResultType]::ParameterName, 'Regions, with wildcards; without it, `regions` of config.toml, else all regions of EKS')
            [CompletionResult]::new('--cluster', '--cluster', [CompletionResultType]::ParameterName, 'Clusters by name, with wildcards')
            [CompletionResult]::new('--tag', '--tag', [CompletionResultType]::ParameterName, 'Clusters by tag, with wildcards in the value; KEY alone: any value. One key several times: any of the values')
            [CompletionResult]::new('--credentials', '--credentials', [CompletionResultType]::ParameterName, 'Whose credentials are used: those of the session, or, in CI, those of the environment (AWS_ACCESS_KEY_ID, or AWS_WEB_IDENTITY_TOKEN_FILE with AWS_ROLE_ARN), which then assume the role that `[access] assume` names in each account')
            [CompletionResult]::new('--who', '--who', [CompletionResultType]::ParameterName, 'Only what a person, a group or a role reaches; for somebody who is disabled or no longer in the directory also what still lives, what to revoke, and which ways in do not pass the directory')
            [CompletionResult]::new('--who-can', '--who-can', [CompletionResultType]::ParameterName, 'Who may do something, and by which path, such as `--who-can create pods/exec -n web`')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'With --who-can: in which namespace; without it, in all of them at once')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'With --who-can: in which namespace; without it, in all of them at once')
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'With --who-can: to the object of which name')
            [CompletionResult]::new('--html', '--html', [CompletionResultType]::ParameterName, 'Write a page that works from a file: a table to search and to filter, and a graph of what is selected in it')
            [CompletionResult]::new('--session', '--session', [CompletionResultType]::ParameterName, 'The session to use [env: EKSSO_SESSION]')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'The kubeconfig to use instead of KUBECONFIG and ~/.kube/config')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The settings to use instead of config.toml [env: EKSSO_CONFIG]')
            [CompletionResult]::new('--keyring', '--keyring', [CompletionResultType]::ParameterName, 'Where secrets are kept: auto, secret-service, keychain, wincred, keyutils, passphrase, plaintext [env: EKSSO_KEYRING]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of lists')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of lists')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour (NO_COLOR is honoured)')
            [CompletionResult]::new('--all-sessions', '--all-sessions', [CompletionResultType]::ParameterName, 'As every session that is configured, all in one list')
            [CompletionResult]::new('--refresh', '--refresh', [CompletionResultType]::ParameterName, 'Read everything again, however lately it was read')
            [CompletionResult]::new('--mermaid', '--mermaid', [CompletionResultType]::ParameterName, 'Print a Mermaid flowchart')
            [CompletionResult]::new('--dot', '--dot', [CompletionResultType]::ParameterName, 'Print a graph for Graphviz')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal [env: EKSSO_NO_INPUT=1]')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say how it is done; twice: in more detail')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say how it is done; twice: in more detail')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('snapshot', 'snapshot', [CompletionResultType]::ParameterValue, 'Keep who may do what in a file, to compare it later')
            [CompletionResult]::new('diff', 'diff', [CompletionResultType]::ParameterValue, 'Show what somebody gained and lost between two snapshots')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'eksso;access;snapshot' {
            [CompletionResult]::new('--account', '--account', [CompletionResultType]::ParameterName, 'Accounts by id or name, with * and ? as wildcards')
            [CompletionResult]::new('--role', '--role', [CompletionResultType]::ParameterName, 'Roles (permission sets) by name, with wildcards')
            [CompletionResult]::new('--filter', '--filter', [CompletionResultType]::ParameterName, 'The filter that config.toml has under [filters.NAME]; what is given beside it counts in place of its lists')
            [CompletionResult]::new('--region', '--region', [CompletionResultType]::ParameterName, 'Regions, with wildcards; without it, `regions` of config.toml, else all regions of EKS')
            [CompletionResult]::new('--cluster', '--cluster', [CompletionResultType]::ParameterName, 'Clusters by name, with wildcards')
            [CompletionResult]::new('--tag', '--tag', [CompletionResultType]::ParameterName, 'Clusters by tag, with wildcards in the value; KEY alone: any value. One key several times: any of the values')
            [CompletionResult]::new('--credentials', '--credentials', [CompletionResultType]::ParameterName, 'Whose credentials are used: those of the session, or, in CI, those of the environment (AWS_ACCESS_KEY_ID, or AWS_WEB_IDENTITY_TOKEN_FILE with AWS_ROLE_ARN), which then assume the role that `[access] assume` names in each account')
            [CompletionResult]::new('--session', '--session', [CompletionResultType]::ParameterName, 'The session to use [env: EKSSO_SESSION]')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'The kubeconfig to use instead of KUBECONFIG and ~/.kube/config')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The settings to use instead of config.toml [env: EKSSO_CONFIG]')
            [CompletionResult]::new('--keyring', '--keyring', [CompletionResultType]::ParameterName, 'Where secrets are kept: auto, secret-service, keychain, wincred, keyutils, passphrase, plaintext [env: EKSSO_KEYRING]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of lists')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of lists')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour (NO_COLOR is honoured)')
            [CompletionResult]::new('--all-sessions', '--all-sessions', [CompletionResultType]::ParameterName, 'As every session that is configured, all in one list')
            [CompletionResult]::new('--refresh', '--refresh', [CompletionResultType]::ParameterName, 'Read everything again, however lately it was read')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal [env: EKSSO_NO_INPUT=1]')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say how it is done; twice: in more detail')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say how it is done; twice: in more detail')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'eksso;access;diff' {
            [CompletionResult]::new('--session', '--session', [CompletionResultType]::ParameterName, 'The session to use [env: EKSSO_SESSION]')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'The kubeconfig to use instead of KUBECONFIG and ~/.kube/config')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The settings to use instead of config.toml [env: EKSSO_CONFIG]')
            [CompletionResult]::new('--keyring', '--keyring', [CompletionResultType]::ParameterName, 'Where secrets are kept: auto, secret-service, keychain, wincred, keyutils, passphrase, plaintext [env: EKSSO_KEYRING]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of lists')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of lists')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour (NO_COLOR is honoured)')
            [CompletionResult]::new('--exit-code', '--exit-code', [CompletionResultType]::ParameterName, 'Exit with 4 where somebody gained or lost something, with 6 where nothing did, but something could not be compared')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal [env: EKSSO_NO_INPUT=1]')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say how it is done; twice: in more detail')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say how it is done; twice: in more detail')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'eksso;access;help' {
            [CompletionResult]::new('snapshot', 'snapshot', [CompletionResultType]::ParameterValue, 'Keep who may do what in a file, to compare it later')
            [CompletionResult]::new('diff', 'diff', [CompletionResultType]::ParameterValue, 'Show what somebody gained and lost between two snapshots')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'eksso;access;help;snapshot' {
            break
        }
        'eksso;access;help;diff' {
            break
        }
        'eksso;access;help;help' {
            break
        }
        'eksso;audit' {
            [CompletionResult]::new('--account', '--account', [CompletionResultType]::ParameterName, 'Accounts by id or name, with * and ? as wildcards')
            [CompletionResult]::new('--role', '--role', [CompletionResultType]::ParameterName, 'Roles (permission sets) by name, with wildcards')
            [CompletionResult]::new('--filter', '--filter', [CompletionResultType]::ParameterName, 'The filter that config.toml has under [filters.NAME]; what is given beside it counts in place of its lists')
            [CompletionResult]::new('--region', '--region', [CompletionResultType]::ParameterName, 'Regions, with wildcards; without it, `regions` of config.toml, else all regions of EKS')
            [CompletionResult]::new('--cluster', '--cluster', [CompletionResultType]::ParameterName, 'Clusters by name, with wildcards')
            [CompletionResult]::new('--tag', '--tag', [CompletionResultType]::ParameterName, 'Clusters by tag, with wildcards in the value; KEY alone: any value. One key several times: any of the values')
            [CompletionResult]::new('--credentials', '--credentials', [CompletionResultType]::ParameterName, 'Whose credentials are used: those of the session, or, in CI, those of the environment (AWS_ACCESS_KEY_ID, or AWS_WEB_IDENTITY_TOKEN_FILE with AWS_ROLE_ARN), which then assume the role that `[access] assume` names in each account')
            [CompletionResult]::new('--min-severity', '--min-severity', [CompletionResultType]::ParameterName, 'Show findings from this severity on, and exit with 4 for them; without it all are shown, and those from low on count. Those of info never count')
            [CompletionResult]::new('--rule', '--rule', [CompletionResultType]::ParameterName, 'Judge by this rule only; repeatable')
            [CompletionResult]::new('--file', '--file', [CompletionResultType]::ParameterName, 'The reviewed file with tiers and suppressions; access.toml in this folder, if it is there, where none is named')
            [CompletionResult]::new('--html', '--html', [CompletionResultType]::ParameterName, 'Write a page that works from a file: the findings, and who is let in')
            [CompletionResult]::new('--print-policy', '--print-policy', [CompletionResultType]::ParameterName, 'Print the rights that a run needs, and do nothing else: an IAM policy, or a ClusterRole with its binding')
            [CompletionResult]::new('--session', '--session', [CompletionResultType]::ParameterName, 'The session to use [env: EKSSO_SESSION]')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'The kubeconfig to use instead of KUBECONFIG and ~/.kube/config')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The settings to use instead of config.toml [env: EKSSO_CONFIG]')
            [CompletionResult]::new('--keyring', '--keyring', [CompletionResultType]::ParameterName, 'Where secrets are kept: auto, secret-service, keychain, wincred, keyutils, passphrase, plaintext [env: EKSSO_KEYRING]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of lists')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of lists')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour (NO_COLOR is honoured)')
            [CompletionResult]::new('--all-sessions', '--all-sessions', [CompletionResultType]::ParameterName, 'As every session that is configured, all in one list')
            [CompletionResult]::new('--refresh', '--refresh', [CompletionResultType]::ParameterName, 'Read everything again, however lately it was read')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal [env: EKSSO_NO_INPUT=1]')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say how it is done; twice: in more detail')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say how it is done; twice: in more detail')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('rules', 'rules', [CompletionResultType]::ParameterValue, 'List the rules: id, severity, title, tags, and whether a rule can judge a plan with nobody asked')
            [CompletionResult]::new('explain', 'explain', [CompletionResultType]::ParameterValue, 'Tell what a rule looks for, why it matters, and how to mend it')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'eksso;audit;rules' {
            [CompletionResult]::new('--session', '--session', [CompletionResultType]::ParameterName, 'The session to use [env: EKSSO_SESSION]')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'The kubeconfig to use instead of KUBECONFIG and ~/.kube/config')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The settings to use instead of config.toml [env: EKSSO_CONFIG]')
            [CompletionResult]::new('--keyring', '--keyring', [CompletionResultType]::ParameterName, 'Where secrets are kept: auto, secret-service, keychain, wincred, keyutils, passphrase, plaintext [env: EKSSO_KEYRING]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of lists')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of lists')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour (NO_COLOR is honoured)')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal [env: EKSSO_NO_INPUT=1]')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say how it is done; twice: in more detail')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say how it is done; twice: in more detail')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'eksso;audit;explain' {
            [CompletionResult]::new('--session', '--session', [CompletionResultType]::ParameterName, 'The session to use [env: EKSSO_SESSION]')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'The kubeconfig to use instead of KUBECONFIG and ~/.kube/config')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The settings to use instead of config.toml [env: EKSSO_CONFIG]')
            [CompletionResult]::new('--keyring', '--keyring', [CompletionResultType]::ParameterName, 'Where secrets are kept: auto, secret-service, keychain, wincred, keyutils, passphrase, plaintext [env: EKSSO_KEYRING]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of lists')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of lists')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour (NO_COLOR is honoured)')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal [env: EKSSO_NO_INPUT=1]')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say how it is done; twice: in more detail')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say how it is done; twice: in more detail')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'eksso;audit;help' {
            [CompletionResult]::new('rules', 'rules', [CompletionResultType]::ParameterValue, 'List the rules: id, severity, title, tags, and whether a rule can judge a plan with nobody asked')
            [CompletionResult]::new('explain', 'explain', [CompletionResultType]::ParameterValue, 'Tell what a rule looks for, why it matters, and how to mend it')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'eksso;audit;help;rules' {
            break
        }
        'eksso;audit;help;explain' {
            break
        }
        'eksso;audit;help;help' {
            break
        }
        'eksso;scaffold' {
            [CompletionResult]::new('--session', '--session', [CompletionResultType]::ParameterName, 'The session to use [env: EKSSO_SESSION]')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'The kubeconfig to use instead of KUBECONFIG and ~/.kube/config')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The settings to use instead of config.toml [env: EKSSO_CONFIG]')
            [CompletionResult]::new('--keyring', '--keyring', [CompletionResultType]::ParameterName, 'Where secrets are kept: auto, secret-service, keychain, wincred, keyutils, passphrase, plaintext [env: EKSSO_KEYRING]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of lists')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of lists')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour (NO_COLOR is honoured)')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal [env: EKSSO_NO_INPUT=1]')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say how it is done; twice: in more detail')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say how it is done; twice: in more detail')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('init', 'init', [CompletionResultType]::ParameterValue, 'Write a commented access.toml to begin with; never over a file that is there')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Show who may do what, as a matrix, before anything is applied; asks nobody')
            [CompletionResult]::new('write', 'write', [CompletionResultType]::ParameterValue, 'Write the code into a folder; without a kind, all kinds')
            [CompletionResult]::new('diff', 'diff', [CompletionResultType]::ParameterValue, 'Compare what there is with the file: drift')
            [CompletionResult]::new('from-live', 'from-live', [CompletionResultType]::ParameterValue, 'Write an access.toml of what clusters have today; never over a file that is there')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'eksso;scaffold;init' {
            [CompletionResult]::new('--account', '--account', [CompletionResultType]::ParameterName, 'The account of the first cluster')
            [CompletionResult]::new('--region', '--region', [CompletionResultType]::ParameterName, 'Its region')
            [CompletionResult]::new('--cluster', '--cluster', [CompletionResultType]::ParameterName, 'Its name')
            [CompletionResult]::new('--okta', '--okta', [CompletionResultType]::ParameterName, 'The SAML provider of Okta in the accounts, where people come by Okta, not by Identity Center')
            [CompletionResult]::new('--session', '--session', [CompletionResultType]::ParameterName, 'The session to use [env: EKSSO_SESSION]')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'The kubeconfig to use instead of KUBECONFIG and ~/.kube/config')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The settings to use instead of config.toml [env: EKSSO_CONFIG]')
            [CompletionResult]::new('--keyring', '--keyring', [CompletionResultType]::ParameterName, 'Where secrets are kept: auto, secret-service, keychain, wincred, keyutils, passphrase, plaintext [env: EKSSO_KEYRING]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of lists')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of lists')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour (NO_COLOR is honoured)')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal [env: EKSSO_NO_INPUT=1]')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say how it is done; twice: in more detail')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say how it is done; twice: in more detail')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'eksso;scaffold;check' {
            [CompletionResult]::new('--file', '--file', [CompletionResultType]::ParameterName, 'The reviewed file; access.toml of this folder without it')
            [CompletionResult]::new('--session', '--session', [CompletionResultType]::ParameterName, 'The session to use [env: EKSSO_SESSION]')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'The kubeconfig to use instead of KUBECONFIG and ~/.kube/config')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The settings to use instead of config.toml [env: EKSSO_CONFIG]')
            [CompletionResult]::new('--keyring', '--keyring', [CompletionResultType]::ParameterName, 'Where secrets are kept: auto, secret-service, keychain, wincred, keyutils, passphrase, plaintext [env: EKSSO_KEYRING]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of lists')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of lists')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour (NO_COLOR is honoured)')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal [env: EKSSO_NO_INPUT=1]')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say how it is done; twice: in more detail')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say how it is done; twice: in more detail')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'eksso;scaffold;write' {
            [CompletionResult]::new('--to', '--to', [CompletionResultType]::ParameterName, 'The folder')
            [CompletionResult]::new('--file', '--file', [CompletionResultType]::ParameterName, 'The reviewed file; access.toml of this folder without it')
            [CompletionResult]::new('--session', '--session', [CompletionResultType]::ParameterName, 'The session to use [env: EKSSO_SESSION]')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'The kubeconfig to use instead of KUBECONFIG and ~/.kube/config')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The settings to use instead of config.toml [env: EKSSO_CONFIG]')
            [CompletionResult]::new('--keyring', '--keyring', [CompletionResultType]::ParameterName, 'Where secrets are kept: auto, secret-service, keychain, wincred, keyutils, passphrase, plaintext [env: EKSSO_KEYRING]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of lists')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of lists')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour (NO_COLOR is honoured)')
            [CompletionResult]::new('--terraform', '--terraform', [CompletionResultType]::ParameterName, 'Terraform modules')
            [CompletionResult]::new('--cloudformation', '--cloudformation', [CompletionResultType]::ParameterName, 'CloudFormation templates')
            [CompletionResult]::new('--kubernetes', '--kubernetes', [CompletionResultType]::ParameterName, 'Kubernetes bindings')
            [CompletionResult]::new('--import', '--import', [CompletionResultType]::ParameterName, 'Also Terraform''s import blocks for what exists already: reads as `diff` does, and needs a sign-in')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Also over files that were changed since they were written')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would change, and write nothing')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal [env: EKSSO_NO_INPUT=1]')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say how it is done; twice: in more detail')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say how it is done; twice: in more detail')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'eksso;scaffold;diff' {
            [CompletionResult]::new('--file', '--file', [CompletionResultType]::ParameterName, 'The reviewed file; access.toml of this folder without it')
            [CompletionResult]::new('--account', '--account', [CompletionResultType]::ParameterName, 'Accounts by id or name, with * and ? as wildcards')
            [CompletionResult]::new('--role', '--role', [CompletionResultType]::ParameterName, 'Roles (permission sets) by name, with wildcards')
            [CompletionResult]::new('--filter', '--filter', [CompletionResultType]::ParameterName, 'The filter that config.toml has under [filters.NAME]; what is given beside it counts in place of its lists')
            [CompletionResult]::new('--region', '--region', [CompletionResultType]::ParameterName, 'Regions, with wildcards; without it, `regions` of config.toml, else all regions of EKS')
            [CompletionResult]::new('--cluster', '--cluster', [CompletionResultType]::ParameterName, 'Clusters by name, with wildcards')
            [CompletionResult]::new('--tag', '--tag', [CompletionResultType]::ParameterName, 'Clusters by tag, with wildcards in the value; KEY alone: any value. One key several times: any of the values')
            [CompletionResult]::new('--credentials', '--credentials', [CompletionResultType]::ParameterName, 'Whose credentials are used: those of the session, or, in CI, those of the environment (AWS_ACCESS_KEY_ID, or AWS_WEB_IDENTITY_TOKEN_FILE with AWS_ROLE_ARN), which then assume the role that `[access] assume` names in each account')
            [CompletionResult]::new('--session', '--session', [CompletionResultType]::ParameterName, 'The session to use [env: EKSSO_SESSION]')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'The kubeconfig to use instead of KUBECONFIG and ~/.kube/config')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The settings to use instead of config.toml [env: EKSSO_CONFIG]')
            [CompletionResult]::new('--keyring', '--keyring', [CompletionResultType]::ParameterName, 'Where secrets are kept: auto, secret-service, keychain, wincred, keyutils, passphrase, plaintext [env: EKSSO_KEYRING]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of lists')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of lists')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour (NO_COLOR is honoured)')
            [CompletionResult]::new('--all-sessions', '--all-sessions', [CompletionResultType]::ParameterName, 'As every session that is configured, all in one list')
            [CompletionResult]::new('--refresh', '--refresh', [CompletionResultType]::ParameterName, 'Read everything again, however lately it was read')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal [env: EKSSO_NO_INPUT=1]')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say how it is done; twice: in more detail')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say how it is done; twice: in more detail')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'eksso;scaffold;from-live' {
            [CompletionResult]::new('--file', '--file', [CompletionResultType]::ParameterName, 'Where to; access.toml of this folder without it')
            [CompletionResult]::new('--account', '--account', [CompletionResultType]::ParameterName, 'Accounts by id or name, with * and ? as wildcards')
            [CompletionResult]::new('--role', '--role', [CompletionResultType]::ParameterName, 'Roles (permission sets) by name, with wildcards')
            [CompletionResult]::new('--filter', '--filter', [CompletionResultType]::ParameterName, 'The filter that config.toml has under [filters.NAME]; what is given beside it counts in place of its lists')
            [CompletionResult]::new('--region', '--region', [CompletionResultType]::ParameterName, 'Regions, with wildcards; without it, `regions` of config.toml, else all regions of EKS')
            [CompletionResult]::new('--cluster', '--cluster', [CompletionResultType]::ParameterName, 'Clusters by name, with wildcards')
            [CompletionResult]::new('--tag', '--tag', [CompletionResultType]::ParameterName, 'Clusters by tag, with wildcards in the value; KEY alone: any value. One key several times: any of the values')
            [CompletionResult]::new('--session', '--session', [CompletionResultType]::ParameterName, 'The session to use [env: EKSSO_SESSION]')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'The kubeconfig to use instead of KUBECONFIG and ~/.kube/config')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The settings to use instead of config.toml [env: EKSSO_CONFIG]')
            [CompletionResult]::new('--keyring', '--keyring', [CompletionResultType]::ParameterName, 'Where secrets are kept: auto, secret-service, keychain, wincred, keyutils, passphrase, plaintext [env: EKSSO_KEYRING]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of lists')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of lists')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour (NO_COLOR is honoured)')
            [CompletionResult]::new('--all-sessions', '--all-sessions', [CompletionResultType]::ParameterName, 'As every session that is configured, all in one list')
            [CompletionResult]::new('--refresh', '--refresh', [CompletionResultType]::ParameterName, 'Read everything again, however lately it was read')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal [env: EKSSO_NO_INPUT=1]')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say how it is done; twice: in more detail')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say how it is done; twice: in more detail')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'eksso;scaffold;help' {
            [CompletionResult]::new('init', 'init', [CompletionResultType]::ParameterValue, 'Write a commented access.toml to begin with; never over a file that is there')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Show who may do what, as a matrix, before anything is applied; asks nobody')
            [CompletionResult]::new('write', 'write', [CompletionResultType]::ParameterValue, 'Write the code into a folder; without a kind, all kinds')
            [CompletionResult]::new('diff', 'diff', [CompletionResultType]::ParameterValue, 'Compare what there is with the file: drift')
            [CompletionResult]::new('from-live', 'from-live', [CompletionResultType]::ParameterValue, 'Write an access.toml of what clusters have today; never over a file that is there')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'eksso;scaffold;help;init' {
            break
        }
        'eksso;scaffold;help;check' {
            break
        }
        'eksso;scaffold;help;write' {
            break
        }
        'eksso;scaffold;help;diff' {
            break
        }
        'eksso;scaffold;help;from-live' {
            break
        }
        'eksso;scaffold;help;help' {
            break
        }
        'eksso;exec' {
            [CompletionResult]::new('--role', '--role', [CompletionResultType]::ParameterName, 'The same cluster with another role of yours; the current context''s where no context is named')
            [CompletionResult]::new('--for', '--for', [CompletionResultType]::ParameterName, 'How long: 1m to 12h. Then kubectl is refused, and the role is the former one again')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'The namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'The namespace')
            [CompletionResult]::new('-j', '-j', [CompletionResultType]::ParameterName, 'How many run at a time')
            [CompletionResult]::new('--jobs', '--jobs', [CompletionResultType]::ParameterName, 'How many run at a time')
            [CompletionResult]::new('--session', '--session', [CompletionResultType]::ParameterName, 'The session to use [env: EKSSO_SESSION]')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'The kubeconfig to use instead of KUBECONFIG and ~/.kube/config')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The settings to use instead of config.toml [env: EKSSO_CONFIG]')
            [CompletionResult]::new('--keyring', '--keyring', [CompletionResultType]::ParameterName, 'Where secrets are kept: auto, secret-service, keychain, wincred, keyutils, passphrase, plaintext [env: EKSSO_KEYRING]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of lists')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of lists')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour (NO_COLOR is honoured)')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Do not ask where config.toml says that a context asks first')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask where config.toml says that a context asks first')
            [CompletionResult]::new('--aws', '--aws', [CompletionResultType]::ParameterName, 'Also give it the AWS credentials of the context''s role, fresh ones for as long as it runs')
            [CompletionResult]::new('--fail-fast', '--fail-fast', [CompletionResultType]::ParameterName, 'Start no more once one has failed; those that run go on to their end')
            [CompletionResult]::new('--keep-going', '--keep-going', [CompletionResultType]::ParameterName, 'Go on in the other contexts once one has failed: what is done without --fail-fast')
            [CompletionResult]::new('--list', '--list', [CompletionResultType]::ParameterName, 'Print the contexts that it would run in, and run nothing')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal [env: EKSSO_NO_INPUT=1]')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say how it is done; twice: in more detail')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say how it is done; twice: in more detail')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'eksso;shell' {
            [CompletionResult]::new('--role', '--role', [CompletionResultType]::ParameterName, 'The same cluster with another role of yours; the current context''s where no context is named')
            [CompletionResult]::new('--for', '--for', [CompletionResultType]::ParameterName, 'How long: 1m to 12h. Then kubectl is refused, and the role is the former one again')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'The namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'The namespace')
            [CompletionResult]::new('--session', '--session', [CompletionResultType]::ParameterName, 'The session to use [env: EKSSO_SESSION]')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'The kubeconfig to use instead of KUBECONFIG and ~/.kube/config')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The settings to use instead of config.toml [env: EKSSO_CONFIG]')
            [CompletionResult]::new('--keyring', '--keyring', [CompletionResultType]::ParameterName, 'Where secrets are kept: auto, secret-service, keychain, wincred, keyutils, passphrase, plaintext [env: EKSSO_KEYRING]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of lists')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of lists')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour (NO_COLOR is honoured)')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Do not ask where config.toml says that a context asks first')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask where config.toml says that a context asks first')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal [env: EKSSO_NO_INPUT=1]')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say how it is done; twice: in more detail')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say how it is done; twice: in more detail')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'eksso;env' {
            [CompletionResult]::new('--role', '--role', [CompletionResultType]::ParameterName, 'The same cluster with another role of yours; the current context''s where no context is named')
            [CompletionResult]::new('--for', '--for', [CompletionResultType]::ParameterName, 'How long: 1m to 12h. Then kubectl is refused, and the role is the former one again')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'The namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'The namespace')
            [CompletionResult]::new('--shell', '--shell', [CompletionResultType]::ParameterName, 'The shell to print for; without it, the one of SHELL')
            [CompletionResult]::new('--session', '--session', [CompletionResultType]::ParameterName, 'The session to use [env: EKSSO_SESSION]')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'The kubeconfig to use instead of KUBECONFIG and ~/.kube/config')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The settings to use instead of config.toml [env: EKSSO_CONFIG]')
            [CompletionResult]::new('--keyring', '--keyring', [CompletionResultType]::ParameterName, 'Where secrets are kept: auto, secret-service, keychain, wincred, keyutils, passphrase, plaintext [env: EKSSO_KEYRING]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of lists')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of lists')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour (NO_COLOR is honoured)')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Do not ask where config.toml says that a context asks first')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask where config.toml says that a context asks first')
            [CompletionResult]::new('--unset', '--unset', [CompletionResultType]::ParameterName, 'Go back to the kubeconfig that was used before')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal [env: EKSSO_NO_INPUT=1]')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say how it is done; twice: in more detail')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say how it is done; twice: in more detail')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'eksso;import' {
            [CompletionResult]::new('--session', '--session', [CompletionResultType]::ParameterName, 'The session to use [env: EKSSO_SESSION]')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'The kubeconfig to use instead of KUBECONFIG and ~/.kube/config')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The settings to use instead of config.toml [env: EKSSO_CONFIG]')
            [CompletionResult]::new('--keyring', '--keyring', [CompletionResultType]::ParameterName, 'Where secrets are kept: auto, secret-service, keychain, wincred, keyutils, passphrase, plaintext [env: EKSSO_KEYRING]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of lists')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of lists')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour (NO_COLOR is honoured)')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Print what would change as a unified diff, and change nothing')
            [CompletionResult]::new('--absolute-command', '--absolute-command', [CompletionResultType]::ParameterName, 'Write the full path of eksso, for programs that are started without your PATH')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal [env: EKSSO_NO_INPUT=1]')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say how it is done; twice: in more detail')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say how it is done; twice: in more detail')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'eksso;export' {
            [CompletionResult]::new('--session', '--session', [CompletionResultType]::ParameterName, 'The session to use [env: EKSSO_SESSION]')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'The kubeconfig to use instead of KUBECONFIG and ~/.kube/config')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The settings to use instead of config.toml [env: EKSSO_CONFIG]')
            [CompletionResult]::new('--keyring', '--keyring', [CompletionResultType]::ParameterName, 'Where secrets are kept: auto, secret-service, keychain, wincred, keyutils, passphrase, plaintext [env: EKSSO_KEYRING]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of lists')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of lists')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour (NO_COLOR is honoured)')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal [env: EKSSO_NO_INPUT=1]')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say how it is done; twice: in more detail')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say how it is done; twice: in more detail')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'eksso;undo' {
            [CompletionResult]::new('--session', '--session', [CompletionResultType]::ParameterName, 'The session to use [env: EKSSO_SESSION]')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'The kubeconfig to use instead of KUBECONFIG and ~/.kube/config')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The settings to use instead of config.toml [env: EKSSO_CONFIG]')
            [CompletionResult]::new('--keyring', '--keyring', [CompletionResultType]::ParameterName, 'Where secrets are kept: auto, secret-service, keychain, wincred, keyutils, passphrase, plaintext [env: EKSSO_KEYRING]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of lists')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of lists')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour (NO_COLOR is honoured)')
            [CompletionResult]::new('--redo', '--redo', [CompletionResultType]::ParameterName, 'Bring back what was taken back last')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Also undo what other programs changed in the file since')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Print what would change as a unified diff, and change nothing')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal [env: EKSSO_NO_INPUT=1]')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say how it is done; twice: in more detail')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say how it is done; twice: in more detail')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'eksso;init' {
            [CompletionResult]::new('--session', '--session', [CompletionResultType]::ParameterName, 'The session to use [env: EKSSO_SESSION]')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'The kubeconfig to use instead of KUBECONFIG and ~/.kube/config')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The settings to use instead of config.toml [env: EKSSO_CONFIG]')
            [CompletionResult]::new('--keyring', '--keyring', [CompletionResultType]::ParameterName, 'Where secrets are kept: auto, secret-service, keychain, wincred, keyutils, passphrase, plaintext [env: EKSSO_KEYRING]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of lists')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of lists')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour (NO_COLOR is honoured)')
            [CompletionResult]::new('--prompt', '--prompt', [CompletionResultType]::ParameterName, 'Also show `eksso prompt` in front of the prompt')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal [env: EKSSO_NO_INPUT=1]')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say how it is done; twice: in more detail')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say how it is done; twice: in more detail')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'eksso;prompt' {
            [CompletionResult]::new('--session', '--session', [CompletionResultType]::ParameterName, 'The session to use [env: EKSSO_SESSION]')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'The kubeconfig to use instead of KUBECONFIG and ~/.kube/config')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The settings to use instead of config.toml [env: EKSSO_CONFIG]')
            [CompletionResult]::new('--keyring', '--keyring', [CompletionResultType]::ParameterName, 'Where secrets are kept: auto, secret-service, keychain, wincred, keyutils, passphrase, plaintext [env: EKSSO_KEYRING]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of lists')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of lists')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour (NO_COLOR is honoured)')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal [env: EKSSO_NO_INPUT=1]')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say how it is done; twice: in more detail')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say how it is done; twice: in more detail')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'eksso;token' {
            [CompletionResult]::new('--cluster', '--cluster', [CompletionResultType]::ParameterName, 'The name of the cluster')
            [CompletionResult]::new('--region', '--region', [CompletionResultType]::ParameterName, 'The region of the cluster')
            [CompletionResult]::new('--account', '--account', [CompletionResultType]::ParameterName, 'The account of the role')
            [CompletionResult]::new('--role', '--role', [CompletionResultType]::ParameterName, 'The role (permission set)')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Take session, account and role from this profile of ~/.aws/config')
            [CompletionResult]::new('--assume-role', '--assume-role', [CompletionResultType]::ParameterName, 'Assume this IAM role from there; such a session lasts one hour at most, a limit of AWS for chained roles')
            [CompletionResult]::new('--cluster-id', '--cluster-id', [CompletionResultType]::ParameterName, 'The id of a local cluster on an Outpost')
            [CompletionResult]::new('--exec-api-version', '--exec-api-version', [CompletionResultType]::ParameterName, 'The version to answer with where KUBERNETES_EXEC_INFO names none [default: v1beta1]')
            [CompletionResult]::new('--until', '--until', [CompletionResultType]::ParameterName, 'Make no token from this moment on (RFC 3339): `eksso use --role ROLE --for 30m` writes it')
            [CompletionResult]::new('--session', '--session', [CompletionResultType]::ParameterName, 'The session to use [env: EKSSO_SESSION]')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'The kubeconfig to use instead of KUBECONFIG and ~/.kube/config')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The settings to use instead of config.toml [env: EKSSO_CONFIG]')
            [CompletionResult]::new('--keyring', '--keyring', [CompletionResultType]::ParameterName, 'Where secrets are kept: auto, secret-service, keychain, wincred, keyutils, passphrase, plaintext [env: EKSSO_KEYRING]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of lists')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of lists')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour (NO_COLOR is honoured)')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal [env: EKSSO_NO_INPUT=1]')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say how it is done; twice: in more detail')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say how it is done; twice: in more detail')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'eksso;credentials' {
            [CompletionResult]::new('--account', '--account', [CompletionResultType]::ParameterName, 'The account of the role')
            [CompletionResult]::new('--role', '--role', [CompletionResultType]::ParameterName, 'The role (permission set)')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Take session, account and role from this profile of ~/.aws/config')
            [CompletionResult]::new('--assume-role', '--assume-role', [CompletionResultType]::ParameterName, 'Assume this IAM role from there; such a session lasts one hour at most, a limit of AWS for chained roles')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'The form to print them in')
            [CompletionResult]::new('--session', '--session', [CompletionResultType]::ParameterName, 'The session to use [env: EKSSO_SESSION]')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'The kubeconfig to use instead of KUBECONFIG and ~/.kube/config')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The settings to use instead of config.toml [env: EKSSO_CONFIG]')
            [CompletionResult]::new('--keyring', '--keyring', [CompletionResultType]::ParameterName, 'Where secrets are kept: auto, secret-service, keychain, wincred, keyutils, passphrase, plaintext [env: EKSSO_KEYRING]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of lists')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of lists')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour (NO_COLOR is honoured)')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Do not ask where config.toml says that a context asks first')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask where config.toml says that a context asks first')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal [env: EKSSO_NO_INPUT=1]')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say how it is done; twice: in more detail')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say how it is done; twice: in more detail')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'eksso;log' {
            [CompletionResult]::new('--since', '--since', [CompletionResultType]::ParameterName, 'From then on: a time such as 2026-11-26T08:00:00Z, a day, or how long ago, such as 2h or 7d')
            [CompletionResult]::new('--event', '--event', [CompletionResultType]::ParameterName, 'Only these events: sign_in, token, credentials; a glob')
            [CompletionResult]::new('--result', '--result', [CompletionResultType]::ParameterName, 'Only these results, such as ok or denied; a glob')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Only these contexts; a glob')
            [CompletionResult]::new('--account', '--account', [CompletionResultType]::ParameterName, 'Only these accounts, by id; a glob')
            [CompletionResult]::new('--role', '--role', [CompletionResultType]::ParameterName, 'Only these roles; a glob')
            [CompletionResult]::new('--cluster', '--cluster', [CompletionResultType]::ParameterName, 'Only these clusters; a glob')
            [CompletionResult]::new('--parent', '--parent', [CompletionResultType]::ParameterName, 'Only what these programs asked for; a glob over their path')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'Only the credentials with this access key id, as the cluster''s audit log and CloudTrail name it')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Only the last lines, so many')
            [CompletionResult]::new('--last', '--last', [CompletionResultType]::ParameterName, 'Only the last lines, so many')
            [CompletionResult]::new('--session', '--session', [CompletionResultType]::ParameterName, 'The session to use [env: EKSSO_SESSION]')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'The kubeconfig to use instead of KUBECONFIG and ~/.kube/config')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The settings to use instead of config.toml [env: EKSSO_CONFIG]')
            [CompletionResult]::new('--keyring', '--keyring', [CompletionResultType]::ParameterName, 'Where secrets are kept: auto, secret-service, keychain, wincred, keyutils, passphrase, plaintext [env: EKSSO_KEYRING]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of lists')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of lists')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour (NO_COLOR is honoured)')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal [env: EKSSO_NO_INPUT=1]')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say how it is done; twice: in more detail')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say how it is done; twice: in more detail')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'eksso;config' {
            [CompletionResult]::new('--session', '--session', [CompletionResultType]::ParameterName, 'The session to use [env: EKSSO_SESSION]')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'The kubeconfig to use instead of KUBECONFIG and ~/.kube/config')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The settings to use instead of config.toml [env: EKSSO_CONFIG]')
            [CompletionResult]::new('--keyring', '--keyring', [CompletionResultType]::ParameterName, 'Where secrets are kept: auto, secret-service, keychain, wincred, keyutils, passphrase, plaintext [env: EKSSO_KEYRING]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of lists')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of lists')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour (NO_COLOR is honoured)')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal [env: EKSSO_NO_INPUT=1]')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say how it is done; twice: in more detail')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say how it is done; twice: in more detail')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('path', 'path', [CompletionResultType]::ParameterValue, 'Print where config.toml is; with -o json also the organisation''s file and the policy')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Print each setting with its value and where that comes from')
            [CompletionResult]::new('edit', 'edit', [CompletionResultType]::ParameterValue, 'Open a copy in $VISUAL or $EDITOR, and take it when it is valid')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Tell whether settings are valid; a mistake is named with its line and key')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'eksso;config;path' {
            [CompletionResult]::new('--session', '--session', [CompletionResultType]::ParameterName, 'The session to use [env: EKSSO_SESSION]')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'The kubeconfig to use instead of KUBECONFIG and ~/.kube/config')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The settings to use instead of config.toml [env: EKSSO_CONFIG]')
            [CompletionResult]::new('--keyring', '--keyring', [CompletionResultType]::ParameterName, 'Where secrets are kept: auto, secret-service, keychain, wincred, keyutils, passphrase, plaintext [env: EKSSO_KEYRING]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of lists')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of lists')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour (NO_COLOR is honoured)')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal [env: EKSSO_NO_INPUT=1]')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say how it is done; twice: in more detail')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say how it is done; twice: in more detail')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'eksso;config;show' {
            [CompletionResult]::new('--session', '--session', [CompletionResultType]::ParameterName, 'The session to use [env: EKSSO_SESSION]')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'The kubeconfig to use instead of KUBECONFIG and ~/.kube/config')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The settings to use instead of config.toml [env: EKSSO_CONFIG]')
            [CompletionResult]::new('--keyring', '--keyring', [CompletionResultType]::ParameterName, 'Where secrets are kept: auto, secret-service, keychain, wincred, keyutils, passphrase, plaintext [env: EKSSO_KEYRING]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of lists')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of lists')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour (NO_COLOR is honoured)')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal [env: EKSSO_NO_INPUT=1]')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say how it is done; twice: in more detail')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say how it is done; twice: in more detail')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'eksso;config;edit' {
            [CompletionResult]::new('--session', '--session', [CompletionResultType]::ParameterName, 'The session to use [env: EKSSO_SESSION]')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'The kubeconfig to use instead of KUBECONFIG and ~/.kube/config')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The settings to use instead of config.toml [env: EKSSO_CONFIG]')
            [CompletionResult]::new('--keyring', '--keyring', [CompletionResultType]::ParameterName, 'Where secrets are kept: auto, secret-service, keychain, wincred, keyutils, passphrase, plaintext [env: EKSSO_KEYRING]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of lists')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of lists')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour (NO_COLOR is honoured)')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal [env: EKSSO_NO_INPUT=1]')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say how it is done; twice: in more detail')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say how it is done; twice: in more detail')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'eksso;config;check' {
            [CompletionResult]::new('--session', '--session', [CompletionResultType]::ParameterName, 'The session to use [env: EKSSO_SESSION]')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'The kubeconfig to use instead of KUBECONFIG and ~/.kube/config')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The settings to use instead of config.toml [env: EKSSO_CONFIG]')
            [CompletionResult]::new('--keyring', '--keyring', [CompletionResultType]::ParameterName, 'Where secrets are kept: auto, secret-service, keychain, wincred, keyutils, passphrase, plaintext [env: EKSSO_KEYRING]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of lists')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of lists')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour (NO_COLOR is honoured)')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal [env: EKSSO_NO_INPUT=1]')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say how it is done; twice: in more detail')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say how it is done; twice: in more detail')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'eksso;config;help' {
            [CompletionResult]::new('path', 'path', [CompletionResultType]::ParameterValue, 'Print where config.toml is; with -o json also the organisation''s file and the policy')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Print each setting with its value and where that comes from')
            [CompletionResult]::new('edit', 'edit', [CompletionResultType]::ParameterValue, 'Open a copy in $VISUAL or $EDITOR, and take it when it is valid')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Tell whether settings are valid; a mistake is named with its line and key')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'eksso;config;help;path' {
            break
        }
        'eksso;config;help;show' {
            break
        }
        'eksso;config;help;edit' {
            break
        }
        'eksso;config;help;check' {
            break
        }
        'eksso;config;help;help' {
            break
        }
        'eksso;setup' {
            [CompletionResult]::new('--sha256', '--sha256', [CompletionResultType]::ParameterName, 'The SHA-256 of the file, in hex')
            [CompletionResult]::new('--minisign-key', '--minisign-key', [CompletionResultType]::ParameterName, 'The minisign key that signs it: the second line of its .pub file')
            [CompletionResult]::new('--session', '--session', [CompletionResultType]::ParameterName, 'The session to use [env: EKSSO_SESSION]')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'The kubeconfig to use instead of KUBECONFIG and ~/.kube/config')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The settings to use instead of config.toml [env: EKSSO_CONFIG]')
            [CompletionResult]::new('--keyring', '--keyring', [CompletionResultType]::ParameterName, 'Where secrets are kept: auto, secret-service, keychain, wincred, keyutils, passphrase, plaintext [env: EKSSO_KEYRING]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of lists')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of lists')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour (NO_COLOR is honoured)')
            [CompletionResult]::new('--remove', '--remove', [CompletionResultType]::ParameterName, 'Remove what is installed')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal [env: EKSSO_NO_INPUT=1]')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say how it is done; twice: in more detail')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say how it is done; twice: in more detail')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'eksso;profiles' {
            [CompletionResult]::new('--account', '--account', [CompletionResultType]::ParameterName, 'Accounts by id or name, with * and ? as wildcards')
            [CompletionResult]::new('--role', '--role', [CompletionResultType]::ParameterName, 'Roles (permission sets) by name, with wildcards')
            [CompletionResult]::new('--filter', '--filter', [CompletionResultType]::ParameterName, 'The filter that config.toml has under [filters.NAME]; what is given beside it counts in place of its lists')
            [CompletionResult]::new('--session', '--session', [CompletionResultType]::ParameterName, 'The session to use [env: EKSSO_SESSION]')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'The kubeconfig to use instead of KUBECONFIG and ~/.kube/config')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The settings to use instead of config.toml [env: EKSSO_CONFIG]')
            [CompletionResult]::new('--keyring', '--keyring', [CompletionResultType]::ParameterName, 'Where secrets are kept: auto, secret-service, keychain, wincred, keyutils, passphrase, plaintext [env: EKSSO_KEYRING]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of lists')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of lists')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour (NO_COLOR is honoured)')
            [CompletionResult]::new('--all-sessions', '--all-sessions', [CompletionResultType]::ParameterName, 'As every session that is configured, all in one list')
            [CompletionResult]::new('--refresh', '--refresh', [CompletionResultType]::ParameterName, 'Ask for the list of roles again, however lately that was done')
            [CompletionResult]::new('--prune', '--prune', [CompletionResultType]::ParameterName, 'Also remove profiles of eksso, of this session and these filters, whose role is gone or that the template names differently')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Do not ask before many profiles are removed')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask before many profiles are removed')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Print what would change as a unified diff, and change nothing')
            [CompletionResult]::new('--absolute-command', '--absolute-command', [CompletionResultType]::ParameterName, 'Write the full path of eksso, for programs that are started without your PATH')
            [CompletionResult]::new('--undo', '--undo', [CompletionResultType]::ParameterName, 'Take the last change back, byte for byte')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal [env: EKSSO_NO_INPUT=1]')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say how it is done; twice: in more detail')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say how it is done; twice: in more detail')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'eksso;completions' {
            [CompletionResult]::new('--session', '--session', [CompletionResultType]::ParameterName, 'The session to use [env: EKSSO_SESSION]')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'The kubeconfig to use instead of KUBECONFIG and ~/.kube/config')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The settings to use instead of config.toml [env: EKSSO_CONFIG]')
            [CompletionResult]::new('--keyring', '--keyring', [CompletionResultType]::ParameterName, 'Where secrets are kept: auto, secret-service, keychain, wincred, keyutils, passphrase, plaintext [env: EKSSO_KEYRING]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of lists')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of lists')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour (NO_COLOR is honoured)')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal [env: EKSSO_NO_INPUT=1]')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say how it is done; twice: in more detail')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say how it is done; twice: in more detail')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'eksso;man' {
            [CompletionResult]::new('--session', '--session', [CompletionResultType]::ParameterName, 'The session to use [env: EKSSO_SESSION]')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'The kubeconfig to use instead of KUBECONFIG and ~/.kube/config')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The settings to use instead of config.toml [env: EKSSO_CONFIG]')
            [CompletionResult]::new('--keyring', '--keyring', [CompletionResultType]::ParameterName, 'Where secrets are kept: auto, secret-service, keychain, wincred, keyutils, passphrase, plaintext [env: EKSSO_KEYRING]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of lists')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of lists')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour (NO_COLOR is honoured)')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal [env: EKSSO_NO_INPUT=1]')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say how it is done; twice: in more detail')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say how it is done; twice: in more detail')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'eksso;help' {
            [CompletionResult]::new('login', 'login', [CompletionResultType]::ParameterValue, 'Sign in')
            [CompletionResult]::new('logout', 'logout', [CompletionResultType]::ParameterValue, 'Sign out: revoke the session at the portal, remove its tokens and role credentials')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show sessions: who is signed in, until when, and the current context')
            [CompletionResult]::new('roles', 'roles', [CompletionResultType]::ParameterValue, 'List the accounts and roles you are assigned')
            [CompletionResult]::new('clusters', 'clusters', [CompletionResultType]::ParameterValue, 'List the EKS clusters your roles can see, and which of your roles each of them lets in')
            [CompletionResult]::new('add', 'add', [CompletionResultType]::ParameterValue, 'Choose clusters and roles, and write their kubeconfig contexts')
            [CompletionResult]::new('sync', 'sync', [CompletionResultType]::ParameterValue, 'Write a context for every cluster and role that matches')
            [CompletionResult]::new('use', 'use', [CompletionResultType]::ParameterValue, 'Switch the current kubeconfig context')
            [CompletionResult]::new('ns', 'ns', [CompletionResultType]::ParameterValue, 'Show or switch the namespace of the current context')
            [CompletionResult]::new('rename', 'rename', [CompletionResultType]::ParameterValue, 'Give a context another name')
            [CompletionResult]::new('rm', 'rm', [CompletionResultType]::ParameterValue, 'Remove contexts')
            [CompletionResult]::new('whoami', 'whoami', [CompletionResultType]::ParameterValue, 'Show who a context is: the person, the role, the Kubernetes user and its groups, and what it may do')
            [CompletionResult]::new('console', 'console', [CompletionResultType]::ParameterValue, 'Open a cluster''s page in the AWS console, as the context''s role')
            [CompletionResult]::new('doctor', 'doctor', [CompletionResultType]::ParameterValue, 'Find out why something does not work')
            [CompletionResult]::new('access', 'access', [CompletionResultType]::ParameterValue, 'Show who is let in by which cluster, as what, to do what, and why')
            [CompletionResult]::new('audit', 'audit', [CompletionResultType]::ParameterValue, 'Find what is wrong with who may do what in clusters, and how to mend it')
            [CompletionResult]::new('scaffold', 'scaffold', [CompletionResultType]::ParameterValue, 'Make dedicated roles, policies, access entries and bindings as code, from one reviewed file')
            [CompletionResult]::new('exec', 'exec', [CompletionResultType]::ParameterValue, 'Run a command in one context, or in several')
            [CompletionResult]::new('shell', 'shell', [CompletionResultType]::ParameterValue, 'Start a shell in which one context is current')
            [CompletionResult]::new('env', 'env', [CompletionResultType]::ParameterValue, 'Print what makes this shell use one context')
            [CompletionResult]::new('import', 'import', [CompletionResultType]::ParameterValue, 'Take over the contexts that the AWS CLI and others made')
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Print a kubeconfig with contexts of eksso, to be handed to others')
            [CompletionResult]::new('undo', 'undo', [CompletionResultType]::ParameterValue, 'Take back the last change that eksso made to a kubeconfig')
            [CompletionResult]::new('init', 'init', [CompletionResultType]::ParameterValue, 'Print what a shell''s start file evaluates')
            [CompletionResult]::new('prompt', 'prompt', [CompletionResultType]::ParameterValue, 'Print the current context in a line, for a shell''s prompt')
            [CompletionResult]::new('token', 'token', [CompletionResultType]::ParameterValue, 'Print an ExecCredential: what kubectl calls')
            [CompletionResult]::new('credentials', 'credentials', [CompletionResultType]::ParameterValue, 'Print AWS credentials of a role for other programs')
            [CompletionResult]::new('log', 'log', [CompletionResultType]::ParameterValue, 'Show the audit trail: sign-ins, and credentials that were handed out')
            [CompletionResult]::new('config', 'config', [CompletionResultType]::ParameterValue, 'Show, edit and check the settings')
            [CompletionResult]::new('setup', 'setup', [CompletionResultType]::ParameterValue, 'Install the settings of an organisation, below your own')
            [CompletionResult]::new('profiles', 'profiles', [CompletionResultType]::ParameterValue, 'Write an AWS profile for every role that matches')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print the completion script of a shell')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Print a manual page, in roff: `eksso man | man -l -`')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'eksso;help;login' {
            break
        }
        'eksso;help;logout' {
            break
        }
        'eksso;help;status' {
            break
        }
        'eksso;help;roles' {
            break
        }
        'eksso;help;clusters' {
            break
        }
        'eksso;help;add' {
            break
        }
        'eksso;help;sync' {
            break
        }
        'eksso;help;use' {
            break
        }
        'eksso;help;ns' {
            break
        }
        'eksso;help;rename' {
            break
        }
        'eksso;help;rm' {
            break
        }
        'eksso;help;whoami' {
            break
        }
        'eksso;help;console' {
            break
        }
        'eksso;help;doctor' {
            break
        }
        'eksso;help;access' {
            [CompletionResult]::new('snapshot', 'snapshot', [CompletionResultType]::ParameterValue, 'Keep who may do what in a file, to compare it later')
            [CompletionResult]::new('diff', 'diff', [CompletionResultType]::ParameterValue, 'Show what somebody gained and lost between two snapshots')
            break
        }
        'eksso;help;access;snapshot' {
            break
        }
        'eksso;help;access;diff' {
            break
        }
        'eksso;help;audit' {
            [CompletionResult]::new('rules', 'rules', [CompletionResultType]::ParameterValue, 'List the rules: id, severity, title, tags, and whether a rule can judge a plan with nobody asked')
            [CompletionResult]::new('explain', 'explain', [CompletionResultType]::ParameterValue, 'Tell what a rule looks for, why it matters, and how to mend it')
            break
        }
        'eksso;help;audit;rules' {
            break
        }
        'eksso;help;audit;explain' {
            break
        }
        'eksso;help;scaffold' {
            [CompletionResult]::new('init', 'init', [CompletionResultType]::ParameterValue, 'Write a commented access.toml to begin with; never over a file that is there')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Show who may do what, as a matrix, before anything is applied; asks nobody')
            [CompletionResult]::new('write', 'write', [CompletionResultType]::ParameterValue, 'Write the code into a folder; without a kind, all kinds')
            [CompletionResult]::new('diff', 'diff', [CompletionResultType]::ParameterValue, 'Compare what there is with the file: drift')
            [CompletionResult]::new('from-live', 'from-live', [CompletionResultType]::ParameterValue, 'Write an access.toml of what clusters have today; never over a file that is there')
            break
        }
        'eksso;help;scaffold;init' {
            break
        }
        'eksso;help;scaffold;check' {
            break
        }
        'eksso;help;scaffold;write' {
            break
        }
        'eksso;help;scaffold;diff' {
            break
        }
        'eksso;help;scaffold;from-live' {
            break
        }
        'eksso;help;exec' {
            break
        }
        'eksso;help;shell' {
            break
        }
        'eksso;help;env' {
            break
        }
        'eksso;help;import' {
            break
        }
        'eksso;help;export' {
            break
        }
        'eksso;help;undo' {
            break
        }
        'eksso;help;init' {
            break
        }
        'eksso;help;prompt' {
            break
        }
        'eksso;help;token' {
            break
        }
        'eksso;help;credentials' {
            break
        }
        'eksso;help;log' {
            break
        }
        'eksso;help;config' {
            [CompletionResult]::new('path', 'path', [CompletionResultType]::ParameterValue, 'Print where config.toml is; with -o json also the organisation''s file and the policy')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Print each setting with its value and where that comes from')
            [CompletionResult]::new('edit', 'edit', [CompletionResultType]::ParameterValue, 'Open a copy in $VISUAL or $EDITOR, and take it when it is valid')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Tell whether settings are valid; a mistake is named with its line and key')
            break
        }
        'eksso;help;config;path' {
            break
        }
        'eksso;help;config;show' {
            break
        }
        'eksso;help;config;edit' {
            break
        }
        'eksso;help;config;check' {
            break
        }
        'eksso;help;setup' {
            break
        }
        'eksso;help;profiles' {
            break
        }
        'eksso;help;completions' {
            break
        }
        'eksso;help;man' {
            break
        }
        'eksso;help;help' {
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}
