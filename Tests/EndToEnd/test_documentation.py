"""The examples in the documentation work: commands, options, experiments, networks, the manual page."""
import json
import os
import pathlib
import re
import subprocess
import sys
import textwrap
import unittest

from program import ProgramTest
from screen import PROGRAM, ROOT

CATALOG = pathlib.Path(ROOT, "Sources", "signflip", "signflip.docc")
PAGES = [pathlib.Path(ROOT, "README.md"), *sorted(CATALOG.glob("*.md"))]


def blocks(page, language):
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text(encoding="utf-8"), flags=re.M | re.S)


class DocumentationTest(ProgramTest):
    def test_commands_and_their_options_exist(self):
        said = self.signflip("--experimental-dump-help")
        self.assertEqual(said.returncode, 0, said.stderr)
        root = json.loads(said.stdout)["command"]
        count = 0
        for page in PAGES:
            for block in blocks(page, "sh"):
                for line in block.splitlines():
                    for part in re.split(r"[;|>]|&&", line.split("#")[0]):
                        words = part.split()
                        if words[:1] == ["signflip"]:
                            self.check(root, words[1:], f"{page.name}: {line}")
                            count += 1
        self.assertGreater(count, 40)

    def check(self, command, words, where):
        """Checks a command line: it starts with a subcommand, followed by options of the subcommand."""
        while words and command.get("subcommands"):
            following = [child for child in command["subcommands"] if child["commandName"] == words[0]]
            # Without a name, it is the default subcommand.
            if not following:
                following = [child for child in command["subcommands"]
                             if child["commandName"] == command.get("defaultSubcommand") and (words[0].startswith("-") or words[0].endswith(".yaml"))]
                self.assertTrue(following, where)
            else:
                words = words[1:]
            command = following[0]
        known = {("--" if name["kind"] == "long" else "-") + name["name"]
                 for argument in command.get("arguments", []) for name in argument.get("names", [])}
        for word in words:
            if re.fullmatch(r"--?[a-z][a-z-]*", word):
                self.assertIn(word, known, where)

    def test_experiments_train(self):
        count = 0
        for page in PAGES:
            for block in blocks(page, "yaml"):
                if block.startswith("name: "):
                    count += 1
                    file = os.path.join(self.folder, f"{count}.yaml")
                    pathlib.Path(file).write_text(block, encoding="utf-8")
                    done = self.signflip("train", file, "--dataset", "digits", "--epochs", "1", "--set", "hidden=[8]",
                                         "--set", "validation=1000", "--headless", "--no-record")
                    self.assertEqual(done.returncode, 0, f"{page.name}: {done.stderr}")
        self.assertGreaterEqual(count, 2)

    def test_networks_are_read(self):
        count = 0
        for page in PAGES:
            for block in blocks(page, "yaml"):
                if block.startswith("network:"):
                    count += 1
                    file = os.path.join(self.folder, f"{count}.yaml")
                    # The command accepts only the list.
                    pathlib.Path(file).write_text(textwrap.dedent(block.partition("\n")[2]), encoding="utf-8")
                    done = self.signflip("networks", "show", file)
                    self.assertEqual(done.returncode, 0, f"{page.name}: {done.stderr}")
        self.assertGreaterEqual(count, 1)

    def test_steering_scripts_are_read(self):
        count = 0
        for page in PAGES:
            for block in blocks(page, "yaml"):
                if block.startswith("steering:"):
                    count += 1
                    file = os.path.join(self.folder, f"{count}.yaml")
                    pathlib.Path(file).write_text(block, encoding="utf-8")
                    # The training ends before the script's last step, so the script is read, and the step is reported as
                    # missed.
                    done = self.signflip("train", "digits-quick", "--lanes", "binary", "--steer", file, "--epochs", "1",
                                         "--set", "hidden=[8]", "--headless", "--no-record")
                    self.assertNotEqual(done.returncode, 0)
                    self.assertIn("4000", done.stderr, page.name)
        self.assertGreaterEqual(count, 1)

    def test_the_manual_page_says_what_the_program_says(self):
        script = os.path.join(ROOT, "Sources", "signflip", "Manual", "make_manual.py")
        done = subprocess.run([sys.executable, script, "--check", PROGRAM], capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)


if __name__ == "__main__":
    unittest.main()
