# stay.sh SERVER: our gossip server, in a program that goes on when the server has left.
"$1" --protocol gossip
sleep 600
