# Completions of eksso for PowerShell. What may stand next is asked of eksso, which reads local files alone.
Register-ArgumentCompleter -Native -CommandName 'eksso' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $before = $commandAst.CommandElements | Select-Object -Skip 1 |
        Where-Object { $_.Extent.EndOffset -lt $cursorPosition } |
        ForEach-Object {
            if ($_ -is [System.Management.Automation.Language.StringConstantExpressionAst]) { $_.Value } else { $_.Extent.Text }
        }
    $word = "$wordToComplete".TrimStart([char[]]"'`"")
    $program = (Get-Command -Name eksso -CommandType Application -TotalCount 1 -ErrorAction Ignore).Source
    if (-not $program) { return }
    $encoding = [Console]::OutputEncoding
    try {
        [Console]::OutputEncoding = [System.Text.UTF8Encoding]::new($false)
        $lines = @(& $program __complete --starts "--word=$word" -- @before 2>$null)
    } finally {
        [Console]::OutputEncoding = $encoding
    }
    if ($lines.Count -eq 0 -or $lines[0] -ne 'values') { return }
    $lines | Select-Object -Skip 1 | ForEach-Object {
        $value, $what = $_ -split "`t", 2
        $text = if ($value -match '^[\w./:=+-]+$') { $value } else { "'" + $value.Replace("'", "''") + "'" }
        $what = if ($what) { $what } else { $value }
        [System.Management.Automation.CompletionResult]::new($text, $value, 'ParameterValue', $what)
    }
}
