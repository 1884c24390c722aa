# Completions of eksso for elvish. What may stand next is asked of eksso, which reads local files alone.
use str
set edit:completion:arg-completer[eksso] = {|@words|
  var lines = [(try { e:eksso __complete --word=$words[-1] -- (all $words[1..-1]) 2>/dev/null | from-lines } catch e { })]
  if (eq $lines []) {
    nop
  } elif (eq $lines[0] files) {
    edit:complete-filename $words[-1]
  } elif (eq $lines[0] commands) {
    edit:complete-sudo eksso $words[-1]
  } else {
    each {|line|
      var value what = (str:split &max=2 "\t" $line"\t")
      set what = (str:trim-right $what "\t")
      if (eq $what '') {
        put $value
      } else {
        edit:complex-candidate $value &display=$value' ('$what')'
      }
    } $lines[1..]
  }
}
