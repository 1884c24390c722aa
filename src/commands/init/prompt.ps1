# `eksso prompt` in front of the prompt.
$global:_eksso_prompt = (Get-Command -Name prompt -CommandType Function -ErrorAction Ignore).ScriptBlock
function global:prompt {
    $code = $global:LASTEXITCODE
    $program = (Get-Command -Name eksso -CommandType Application -TotalCount 1 -ErrorAction Ignore).Source
    $text = if ($program) { & $program prompt 2>$null }
    $rest = if ($global:_eksso_prompt) { & $global:_eksso_prompt } else { "PS $($executionContext.SessionState.Path.CurrentLocation)> " }
    $global:LASTEXITCODE = $code
    if ($text) { "$text $rest" } else { $rest }
}
