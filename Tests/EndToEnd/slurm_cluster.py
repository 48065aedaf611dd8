"""A Slurm cluster of one node on this machine, from Debian's slurm-wlm and munge, with its own folder and ports."""
import os
import pwd
import shutil
import signal
import subprocess
import time

CONFIGURATION = """\
ClusterName=signflip
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={port}
SlurmdPort={port1}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket,cred_expire=5
CryptoType=crypto/munge
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerType=sched/backfill
SchedulerParameters=sched_interval=2,sched_min_interval=200000,requeue_setup_env_fail
MpiDefault=none
ReturnToService=2
KillWait=5
OverTimeLimit=0
MinJobAge=3600
SwitchType=switch/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
NodeName={host} NodeAddr=127.0.0.1 CPUs={cores} State=UNKNOWN
PartitionName=test Nodes={host} Default=YES MaxTime=INFINITE State=UP OverSubscribe=NO
"""


class SlurmCluster:
    """Starts munged, slurmctld and slurmd; `end` ends them. Needs root, slurm-wlm and munge."""

    def __init__(self, folder, port=28817):
        self.folder, self.processes = folder, []
        for program in ("munged", "slurmctld", "slurmd", "sbatch"):
            if not (shutil.which(program) or os.path.exists(f"/usr/sbin/{program}")):
                raise RuntimeError(f"expected {program}, found none: apt-get install slurm-wlm munge")
        host = os.uname().nodename.split(".")[0]
        for name in ("state", "spool"):
            os.makedirs(os.path.join(folder, name))
        # munged insists on a folder and a key that only its user can write.
        os.chmod(folder, 0o755)
        self.write("munge.key", os.urandom(1024))
        os.chmod(self.place("munge.key"), 0o400)
        self.write("slurm.conf", CONFIGURATION.format(
            folder=folder, host=host, port=port, port1=port + 1, cores=max(2, os.cpu_count())).encode())
        self.environment = {**os.environ, "SLURM_CONF": self.place("slurm.conf")}
        self.start("munged", "--foreground", "--force", f"--socket={self.place('munge.socket')}",
                   f"--key-file={self.place('munge.key')}", f"--pid-file={self.place('munge.pid')}",
                   f"--log-file={self.place('munge.log')}", f"--seed-file={self.place('munge.seed')}")
        self.wait("munged", lambda: os.path.exists(self.place("munge.socket")))
        self.start("slurmctld", "-D", "-i")
        self.start("slurmd", "-D", "-N", host)
        self.wait("an idle node", lambda: "idle" in self.ask("sinfo", "--noheader", "--format=%T"))

    def place(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, content):
        with open(self.place(name), "wb") as file:
            file.write(content)

    def start(self, program, *arguments):
        path = shutil.which(program) or f"/usr/sbin/{program}"
        log = open(self.place(program + ".output"), "wb")
        self.processes.append(subprocess.Popen([path, *arguments], env=self.environment, stdin=subprocess.DEVNULL,
                                               stdout=log, stderr=log, start_new_session=True))
        log.close()

    def ask(self, *command):
        """The output of a command of Slurm; empty if it fails."""
        return subprocess.run(command, env=self.environment, capture_output=True, text=True, timeout=60).stdout.strip()

    def wait(self, what, condition, seconds=60):
        end = time.monotonic() + seconds
        while not (found := condition()):
            if time.monotonic() > end:
                raise RuntimeError(f"{what} did not come in {seconds} s: {self.logs()}")
            time.sleep(0.2)
        return found

    def logs(self):
        """The ends of all logs, for a failure's message."""
        parts = []
        for name in sorted(os.listdir(self.folder)):
            if name.endswith((".log", ".output")):
                with open(self.place(name), errors="replace") as file:
                    parts.append(f"--- {name}\n{file.read()[-1500:]}")
        return "\n".join(parts)

    def states(self, job):
        """The state of each task of an array, by its number."""
        lines = self.ask("scontrol", "show", "job", job, "--oneliner").splitlines()
        states = {}
        for line in lines:
            fields = dict(field.split("=", 1) for field in line.split() if "=" in field)
            task = fields.get("ArrayTaskId", "")
            if task.isdigit():
                states[int(task)] = fields["JobState"]
        return states

    def end(self):
        """Cancels all jobs and ends the daemons."""
        self.ask("scancel", "--user", pwd.getpwuid(os.getuid()).pw_name)
        time.sleep(1)
        for process in reversed(self.processes):
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
