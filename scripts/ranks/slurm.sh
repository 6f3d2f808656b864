#!/bin/sh
# Runs a command under Slurm on this machine alone, in a cluster of one node that is made for it and taken away after it:
#   scripts/ranks/slurm.sh                                     minimises a test function on two ranks
#   scripts/ranks/slurm.sh srun --mpi=pmix -n 2 COMMAND …      or what you say
# As root, where no Slurm runs yet, with Debian's slurm-wlm, munge and openmpi-bin. No systemd is needed.
set -eu
here=$(cd "$(dirname "$0")/../.." && pwd)

missing=
for program in slurmctld slurmd srun munged mpirun node; do
  command -v $program > /dev/null || missing="$missing $program"
done
if [ -n "$missing" ]; then
  echo "slurm.sh: missing:$missing. On Debian: apt-get install slurm-wlm slurm-wlm-basic-plugins munge openmpi-bin." >&2
  exit 77
fi
if [ "$(id -u)" != 0 ]; then
  echo "slurm.sh: only root can start munged and slurmd." >&2
  exit 77
fi
if pgrep -x slurmctld > /dev/null || pgrep -x slurmd > /dev/null; then
  echo "slurm.sh: Slurm runs here already: use srun itself." >&2
  exit 77
fi

folder=$(mktemp -d /tmp/southwell-slurm.XXXXXX)
chmod 755 "$folder"
mkdir "$folder/state" "$folder/spool" "$folder/munge"
chmod 700 "$folder/munge"
pids=
clean() {
  status=$?
  trap - EXIT INT TERM
  scancel --quiet --user root 2> /dev/null || true
  for pid in $pids; do kill "$pid" 2> /dev/null || true; done
  for pid in $pids; do
    for _ in 1 2 3 4 5 6 7 8 9 10; do
      kill -0 "$pid" 2> /dev/null || break
      sleep 0.2
    done
    if kill -0 "$pid" 2> /dev/null; then kill -KILL "$pid"; fi
  done
  [ "$status" = 0 ] || [ ! -s "$folder/slurmd.log" ] || grep -h error "$folder"/slurm*.log | tail -n 5 >&2 || true
  rm -rf "$folder"
  exit "$status"
}
trap clean EXIT
trap 'exit 130' INT TERM

# A key and a socket of our own, so that a munge that runs here is left alone.
dd if=/dev/urandom of="$folder/munge/key" bs=128 count=1 2> /dev/null
chmod 400 "$folder/munge/key"
munged --foreground --force --num-threads 2 --key-file "$folder/munge/key" --socket "$folder/munge.socket" \
  --pid-file "$folder/munge/pid" --log-file "$folder/munge/log" --seed-file "$folder/munge/seed" &
pids="$!"
host=$(hostname -s)
cpus=$(nproc)
SLURM_CONF="$folder/slurm.conf"
export SLURM_CONF
cat > "$SLURM_CONF" << CONF
ClusterName=southwell
SlurmctldHost=$host(127.0.0.1)
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=$folder/munge.socket
CredType=cred/munge
SlurmctldPort=26817
SlurmdPort=26818
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.pid
SlurmctldLogFile=$folder/slurmctld.log
SlurmdLogFile=$folder/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
ReturnToService=2
MpiDefault=none
KillWait=5
NodeName=$host NodeAddr=127.0.0.1 CPUs=$cpus State=UNKNOWN
PartitionName=all Nodes=$host Default=YES OverSubscribe=FORCE MaxTime=INFINITE State=UP
CONF
slurmctld -D > /dev/null 2>&1 &
pids="$! $pids"
slurmd -D -N "$host" > /dev/null 2>&1 &
pids="$! $pids"

tries=0
until sinfo --noheader --format %t 2> /dev/null | grep -q idle; do
  tries=$((tries + 1))
  if [ "$tries" -gt 100 ]; then
    echo "slurm.sh: the node did not come up within 20 s." >&2
    exit 1
  fi
  sleep 0.2
done

if [ $# -eq 0 ]; then
  echo "Ways to start ranks: $(srun --mpi=list 2>&1 | tail -n +2 | tr -s '\n\t ' ' ')" >&2
  set -- srun --mpi=pmix --overcommit -n 2 node "$here/packages/cli/bin/southwell.mjs" minimize rosenbrock --dim 3
fi
"$@"
