import CTerminalGuard
import Foundation
import Testing

/// The guard, on a pseudo-terminal. There is one guard per process, so the tests run one at a time.
@Suite("Signals and the wait for input", .serialized)
struct GuardTests {
  /// Both ends of a new pseudo-terminal.
  private static func pseudoTerminal() throws -> (person: Int32, program: Int32) {
    let person = open("/dev/ptmx", O_RDWR | O_NOCTTY)
    try #require(person >= 0)
    // Linux' TIOCSPTLCK and TIOCGPTN: unlock the other end, and get its number.
    var lock: Int32 = 0
    var number: Int32 = -1
    try #require(ioctl(person, 0x4004_5431, &lock) == 0)
    try #require(ioctl(person, 0x8004_5430, &number) == 0)
    let program = open("/dev/pts/\(number)", O_RDWR | O_NOCTTY)
    try #require(program >= 0)
    // Input of single keys, as set by ncurses.
    var modes = termios()
    tcgetattr(program, &modes)
    modes.c_lflag &= ~tcflag_t(ICANON | ECHO)
    tcsetattr(program, TCSANOW, &modes)
    return (person, program)
  }

  private func has(_ flags: UInt32, _ flag: Int) -> Bool { flags & UInt32(flag) != 0 }

  @Test("Keys, wake-ups and signals end a wait; a request to end is remembered")
  func waiting() throws {
    let (person, program) = try Self.pseudoTerminal()
    try #require(signflip_guard_install(program, program) == 0)
    defer {
      signflip_guard_uninstall()
      close(program)
      close(person)
    }
    #expect(signflip_guard_install(program, program) != 0, "once only")

    let clock = ContinuousClock()
    let idle = clock.measure { #expect(signflip_guard_wait(40) == 0) }
    #expect(idle >= .milliseconds(35), "it waits")

    write(person, "a", 1)
    #expect(has(signflip_guard_wait(1000), SIGNFLIP_GUARD_INPUT))
    var byte: UInt8 = 0
    read(program, &byte, 1)
    #expect(byte == 0x61)

    signflip_guard_wake()
    #expect(has(signflip_guard_wait(1000), SIGNFLIP_GUARD_WAKE))
    #expect(signflip_guard_wait(0) == 0, "forgotten after it was told")

    kill(getpid(), SIGWINCH)
    #expect(has(signflip_guard_wait(1000), SIGNFLIP_GUARD_RESIZE))

    let thread = Thread {
      Thread.sleep(forTimeInterval: 0.05)
      signflip_guard_wake()
    }
    thread.start()
    let woken = clock.measure { #expect(has(signflip_guard_wait(5000), SIGNFLIP_GUARD_WAKE)) }
    #expect(woken < .seconds(2))

    #expect(signflip_guard_ending_signal() == 0)
    kill(getpid(), SIGTERM)
    #expect(has(signflip_guard_wait(1000), SIGNFLIP_GUARD_END))
    #expect(signflip_guard_ending_signal() == SIGTERM)
    #expect(has(signflip_guard_wait(0), SIGNFLIP_GUARD_END))
  }

  @Test("A lost terminal is reported, and does not make the wait a busy loop")
  func gone() throws {
    let (person, program) = try Self.pseudoTerminal()
    try #require(signflip_guard_install(program, program) == 0)
    defer {
      signflip_guard_uninstall()
      close(program)
    }
    close(person)
    #expect(has(signflip_guard_wait(1000), SIGNFLIP_GUARD_GONE))
    signflip_guard_forget_input()
    let waited = ContinuousClock().measure { #expect(signflip_guard_wait(40) == 0) }
    #expect(waited >= .milliseconds(35))
  }

  @Test("The terminal's former modes are restored")
  func modes() throws {
    let (person, program) = try Self.pseudoTerminal()
    var before = termios()
    tcgetattr(program, &before)
    try #require(signflip_guard_install(program, program) == 0)
    defer {
      signflip_guard_uninstall()
      close(program)
      close(person)
    }
    var changed = before
    changed.c_lflag ^= tcflag_t(ISIG)
    tcsetattr(program, TCSANOW, &changed)
    signflip_guard_restore_modes()
    var after = termios()
    tcgetattr(program, &after)
    #expect(after.c_lflag == before.c_lflag)
  }
}
