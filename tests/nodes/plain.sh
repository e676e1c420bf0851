# Answers init as a node of Maelstrom does, without accepting lockstep.
. tests/nodes/speak.sh
take
say master '{"type":"init_ok","in_reply_to":1}'
take
