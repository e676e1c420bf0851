# Answers another init than the one that it was given.
. tests/nodes/speak.sh
take
say master '{"type":"init_ok","in_reply_to":7,"lockstep":1}'
take
