let _eksso_prompt = $env.PROMPT_COMMAND?
$env.PROMPT_COMMAND = {||
    let text = (^eksso prompt | complete).stdout | str trim
    let rest = if ($_eksso_prompt | describe) == "closure" { do $_eksso_prompt } else { $_eksso_prompt | default "" }
    if ($text | is-empty) { $rest } else { $text + " " + $rest }
}
