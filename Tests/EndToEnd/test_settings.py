"""The file of settings: checked, shown, used by the live screen, and read again when it changes."""
import os
import unittest

from screen import PROGRAM, Home, Terminal


class SettingsTest(unittest.TestCase):
    def setUp(self):
        self.home = Home()
        self.addCleanup(self.home.close)
        self.home.settings["XDG_CONFIG_HOME"] = os.path.join(self.home.path, "config")
        self.folder = os.path.join(self.home.path, "config", "signflip")
        self.file = os.path.join(self.folder, "config.yaml")

    def write(self, text):
        """Replaces the file as editors do."""
        os.makedirs(self.folder, exist_ok=True)
        with open(self.file + ".new", "w") as file:
            file.write(text)
        os.replace(self.file + ".new", self.file)

    def start(self):
        terminal = Terminal(self.home)
        self.addCleanup(terminal.close)
        terminal.run(f"{PROGRAM} train digits-quick --epochs 1000")
        return terminal

    def test_the_commands(self):
        self.assertEqual(self.home.signflip("config", "path").stdout, self.file + "\n")
        done = self.home.signflip("config", "check")
        self.assertEqual((done.returncode, done.stdout), (0, f"{self.file}: no such file, so every setting has its default\n"))
        shown = self.home.signflip("config").stdout
        self.assertIn('  # freeze: f ', shown)
        self.write(shown.replace("# freeze: f", "freeze: [z, F5]").replace("# theme: signflip", "theme: nord"))
        done = self.home.signflip("config", "check")
        self.assertEqual((done.returncode, done.stdout), (0, f"{self.file}: valid\n"))
        shown = self.home.signflip("config", "show").stdout
        self.assertIn("\n  freeze: [z, F5] ", shown)
        self.assertIn("\ntheme: nord ", shown)
        self.write("keys:\n  freze: z\nscreen: flips\n")
        done = self.home.signflip("config", "check")
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stdout, f"{self.file}:2: keys: expected an action, found “freze”; did you mean “freeze”?\n")
        self.assertEqual(self.home.signflip("config", "check", "/nowhere").returncode, 64)

    def test_the_live_screen_follows_the_file(self):
        self.write('screen: flips\nkeys: {pause: z, quit: [Q]}\n')
        terminal = self.start()
        terminal.wait_for("hidden1")
        terminal.wait_for("z pause")
        terminal.wait_for("Q quit")
        terminal.keys("z")
        terminal.wait_for("paused")
        self.write("glyphs: ascii\nkeys: {quit: K}\n")
        terminal.wait_for("settings changed")
        terminal.wait_for("K quit")
        self.assertNotIn("─", terminal.text())
        self.write("keys: {quit: []}\n")
        terminal.wait_for("settings not changed: .*config.yaml:1: keys: quit needs a key")
        terminal.keys("K")
        terminal.wait_for("l leave it paused")
        terminal.keys("s")
        terminal.wait_for("ready>")
        with open(self.file) as file:
            self.assertEqual(file.read(), "keys: {quit: []}\n")

    def test_a_wrong_file_does_not_stop_the_trainer(self):
        self.write("theme: nrod\nkeys: {pause: z}\n")
        terminal = self.start()
        terminal.wait_for("ignored: .*config.yaml:1: theme: no theme")
        terminal.wait_for("z pause")
        terminal.keys("z")
        terminal.wait_for("paused")
        terminal.keys("q")
        terminal.wait_for("s stop it")
        terminal.keys("s")
        terminal.wait_for("signflip: ignored: .*config.yaml:1: theme")


if __name__ == "__main__":
    unittest.main()
