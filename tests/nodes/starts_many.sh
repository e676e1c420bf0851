# A good node that starts processes which go on starting others, in groups and sessions of their own too.
. tests/nodes/speak.sh
# If they are not ended they end by themselves, some time.
many='for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do sleep 60 & sleep 0.05; done; wait'
# Each starts the next and leaves, so that no list of processes is true for long.
export next='[ "$1" = 0 ] || { setsid sh -c "$next" sh "$(($1 - 1))" & }'
for i in 1 2 3; do
    sh -c "$many" &
    setsid sh -c "$many" &
    setsid sh -c "$many & exit" &
done
sh -c "$next" sh 500
begin
while take; do finish; done
