# eksso: completions, and a context for each shell where EKSSO_ISOLATED is 1.
if ($env:EKSSO_ISOLATED -eq '1') {
    function global:_eksso_program { (Get-Command -Name eksso -CommandType Application -TotalCount 1).Source }
    function global:_eksso_isolate {
        $before = $env:EKSSO_CONTEXT
        $lines = & (_eksso_program) env --shell powershell @args
        if ($LASTEXITCODE -ne 0) { return $false }
        $lines | Out-String | Invoke-Expression
        $global:_eksso_before = $before
        $true
    }
    # PowerShell takes the first bare `--` away before a function sees its arguments; `eksso exec` needs it. It is put back
    # where all words before it are plain, so that they are as many as the arguments.
    function global:_eksso_words($invocation, $given) {
        $words = @($given)
        if ($words -contains '--' -or -not $invocation.Line) { return , $words }
        $line = $invocation.Line.Substring($invocation.OffsetInLine - 1)
        $parsed = [System.Management.Automation.Language.Parser]::ParseInput($line, [ref]$null, [ref]$null)
        $command = $parsed.Find({ $args[0] -is [System.Management.Automation.Language.CommandAst] }, $true)
        if (-not $command) { return , $words }
        $place = 0
        foreach ($element in @($command.CommandElements | Select-Object -Skip 1)) {
            if ($element.Extent.Text -eq '--') {
                $rest = if ($place -lt $words.Count) { @($words[$place..($words.Count - 1)]) } else { @() }
                $first = if ($place -gt 0) { @($words[0..($place - 1)]) } else { @() }
                return , ($first + '--' + $rest)
            }
            $plain = $element -is [System.Management.Automation.Language.StringConstantExpressionAst] -or
                ($element -is [System.Management.Automation.Language.CommandParameterAst] -and -not $element.Argument)
            if (-not $plain) { return , $words }
            $place++
        }
        return , $words
    }
    function global:eksso {
        $words = _eksso_words $MyInvocation $args
        $program = _eksso_program
        $word = if ($words.Count -gt 1) { $words[1] } else { $null }
        $chooses = $words.Count -eq 1 -and $words[0] -eq 'use' -and -not [Console]::IsOutputRedirected
        if ($chooses) {
            if (_eksso_isolate --choose) { [Console]::Error.WriteLine("This shell uses ``$(& $program use --current)``.") }
        } elseif ($words.Count -lt 2 -or $words[0] -ne 'use' -or @('-c', '--current', '-h', '--help') -ccontains $word -or $word -match '^-[0-9]') {
            if ($MyInvocation.ExpectingInput) { $input | & $program @words } else { & $program @words }
        } elseif ($word -ne '-') {
            $rest = @($words[1..($words.Count - 1)])
            if (_eksso_isolate @rest) { [Console]::Error.WriteLine("This shell uses ``$(& $program use --current)``.") }
        } elseif ($global:_eksso_before) {
            if (_eksso_isolate '--' $global:_eksso_before) { [Console]::Error.WriteLine("This shell uses ``$(& $program use --current)``.") }
        } else {
            & $program @words
        }
    }
    # Not where a command or a file is run.
    if (-not ([Environment]::GetCommandLineArgs() -match '^-(noni|c$|command|f$|file|e$|ec$|enc)')) {
        if (-not $env:EKSSO_CONTEXT) {
            $null = & (_eksso_program) use --current 2>$null
            if ($LASTEXITCODE -eq 0) { $null = _eksso_isolate --no-input }
        } elseif (-not $env:KUBECONFIG -or -not (Test-Path -LiteralPath $env:KUBECONFIG)) {
            $null = _eksso_isolate --no-input '--' $env:EKSSO_CONTEXT
        }
    }
}
