# Sourced by the scripts that WeStage is compared with. `at` and `steps` are set before the first step of a preview.

# Ends a step: remembers how long it took, in milliseconds.
ended() {
  local now=${EPOCHREALTIME/./}
  steps+="${steps:+,}\"$1\":$(((now - at) / 1000))"
  at=$now
}
