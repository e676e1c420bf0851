# Not a node: the words that the nodes here have in common.
# A word that only the processes of one run have: what a node starts is found by it.
export mark="$1"
# Reads a line, and learns from it the node's own name and the number of the step.
take() {
    IFS= read -r line || return
    me=${line#*'"dest":"'} me=${me%%'"'*}
    step=${line#*'"step":'} step=${step%%,*}
}
# Says something (a body) to somebody.
say() { printf '{"src":"%s","dest":"%s","body":%s}\n' "$me" "$1" "$2"; }
# Ends the step.
finish() { say clock "{\"type\":\"done\",\"step\":$step}"; }
# Answers `init` as a good node does.
begin() {
    take
    msg_id=${line#*'"msg_id":'} msg_id=${msg_id%%,*}
    say master "{\"type\":\"init_ok\",\"in_reply_to\":$msg_id,\"lockstep\":1}"
    finish
}
