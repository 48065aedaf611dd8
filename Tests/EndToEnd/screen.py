"""The real program in a real terminal: tmux runs it, types keys, resizes, and reads the screen."""
import os
import re
import shlex
import shutil
import signal
import subprocess
import tempfile
import time
import uuid

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PROGRAM = os.environ.get("SIGNFLIP", os.path.join(ROOT, ".build", "release", "signflip"))


class Home:
    """A user's folders, with the engines and runs in them."""

    def __init__(self):
        self.path = tempfile.mkdtemp(prefix="signflip-")
        self.sockets = os.path.join(self.path, "sockets")
        os.mkdir(self.sockets, 0o700)
        self.settings = dict(HOME=self.path, XDG_DATA_HOME=self.path, XDG_RUNTIME_DIR=self.sockets,
                             SIGNFLIP_RUNS=os.path.join(self.path, "runs"), SIGNFLIP_DATA="")

    def signflip(self, *arguments):
        """Runs a command of the program without a terminal, as in another shell of the same user."""
        return subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, timeout=120,
                              stdin=subprocess.DEVNULL, env=dict(os.environ, **self.settings))

    def engines(self):
        """The processes that `signflip ps` lists, with their lines."""
        rows = [row.replace("(not recorded)", "-") for row in self.signflip("ps").stdout.splitlines()[1:]]
        return {int(row.split()[1]): row for row in rows}

    def runs(self):
        """The runs' names, the oldest first."""
        return sorted(os.listdir(self.settings["SIGNFLIP_RUNS"]))

    def close(self):
        """Ends every engine and removes the folders."""
        for process in self.engines():
            os.kill(process, signal.SIGKILL)
        shutil.rmtree(self.path, ignore_errors=True)


class Terminal:
    """A separate tmux server with one shell."""

    def __init__(self, home, width=120, height=40, environment=None):
        self.socket = "signflip-" + uuid.uuid4().hex[:8]
        settings = dict(home.settings, PS1="ready> ", TERM="tmux-256color", LC_ALL="C.UTF-8", HISTFILE="/dev/null")
        settings.update(environment or {})
        shell = " ".join(f"{name}={shlex.quote(value)}" for name, value in settings.items())
        self._tmux("-f", "/dev/null", "new-session", "-d", "-x", str(width), "-y", str(height),
                   f"env {shell} bash --norc --noprofile")
        self._tmux("set-option", "-g", "window-size", "manual")
        self._tmux("set-option", "-g", "escape-time", "0")
        self.wait_for("ready>")

    def close(self):
        subprocess.run(["tmux", "-L", self.socket, "kill-server"], capture_output=True)

    def _tmux(self, *arguments):
        done = subprocess.run(["tmux", "-L", self.socket, *arguments], capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"tmux {arguments}: {done.stderr}")
        return done.stdout

    def keys(self, *names):
        """Types keys by tmux' names: letters, Enter, Escape, Left, C-c."""
        self._tmux("send-keys", *names)

    def run(self, command):
        """Types a shell command and Enter."""
        self._tmux("send-keys", "-l", command)
        self._tmux("send-keys", "Enter")

    def text(self):
        return self._tmux("capture-pane", "-p")

    def colored(self):
        return self._tmux("capture-pane", "-p", "-e")

    def resize(self, width, height):
        self._tmux("resize-window", "-x", str(width), "-y", str(height))

    def flag(self, name):
        return self._tmux("display-message", "-p", "#{" + name + "}").strip()

    def process(self):
        """The process that the shell is running."""
        shell = self.flag("pane_pid")
        found = subprocess.run(["pgrep", "-P", shell], capture_output=True, text=True).stdout.split()
        return int(found[0]) if found else None

    def wait_for(self, pattern, seconds=30):
        """Waits until the screen matches; returns the match."""
        end = time.monotonic() + seconds
        while True:
            screen = self.text()
            match = re.search(pattern, screen, re.MULTILINE)
            if match:
                return match
            if time.monotonic() > end:
                raise AssertionError(f"“{pattern}” did not come in {seconds} s; the screen:\n{screen}")
            time.sleep(0.02)

    def wait_until(self, what, condition, seconds=30):
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                raise AssertionError(f"{what} did not come in {seconds} s; the screen:\n{self.text()}")
            time.sleep(0.02)
