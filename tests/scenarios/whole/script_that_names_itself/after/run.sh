echo usage: run.sh NAME
exec app "$1"
