#!/bin/sh
# Runs kernel_test and pass_test on an emulated Ice Lake, for machines without AVX-512: boots a Debian kernel in Bochs with the
# tests as the only programs. It does not measure speed. Takes 2 minutes, and one more for each 1000 random shapes.
# Usage: emulate_avx512.sh [random shapes] [seed] [rounds of passes]
set -eu

shapes=${1:-200} seed=${2:-1} rounds=${3:-20}
root=$(cd "$(dirname "$0")/../.." && pwd)
packages="bochs bochs-term bochsbios vgabios isolinux syslinux-common xorriso cpio"

missing=$(for package in $packages; do
  dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || echo "$package"
done)
if [ -n "$missing" ]; then
  echo "Needs Debian packages:" $missing >&2
  exit 2
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 2' INT TERM
cd "$work"
mkdir -p disk/isolinux

# The kernel is unpacked, not installed.
kernel=$(apt-cache depends linux-image-cloud-amd64 | sed -n 's/.*Depends: \(linux-image-[^ ]*\).*/\1/p' | head -n 1)
apt-get -q download "$kernel" >download.log 2>&1 || { cat download.log >&2; exit 2; }
dpkg -x linux-image-*.deb linux
cp linux/boot/vmlinuz-* disk/linux

# The tests, and a program that runs them and powers the machine off.
cat >init.c <<'END'
#include <stdio.h>
#include <sys/reboot.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

static void run(char **arguments) {
  int status = -1;
  if (fork() == 0) {
    execv(arguments[0], arguments);
    _exit(127);
  }
  wait(&status);
  printf("%s: status %d\n", arguments[0], status);
  fflush(stdout);
}

// The arguments are random shapes, seed and rounds.
int main(int count, char **arguments) {
  if (count > 3) {
    run((char *[]){"/kernel_test", arguments[1], arguments[2], NULL});
    run((char *[]){"/pass_test", "--check", "/results", arguments[3], arguments[2], NULL});
  }
  tcdrain(1);
  reboot(RB_POWER_OFF);
}
END
${CC:-clang} -O2 -static init.c -o init
flags="-std=c11 -O2 -I$root/Sources/CBinaryKernels/include"
bits="$root/Sources/CBinaryKernels/bits"
passes="$root/Sources/CBinaryKernels/passes"
${CC:-clang} $flags -static "$root/Tests/Kernels/kernel_test.c" "$bits"/*.c -o kernel_test
${CC:-clang} $flags -static "$root/Tests/Kernels/pass_test.c" "$bits"/*.c "$passes"/*.c -lm -o pass_test
# The passes without clones write the reference on this processor.
${CC:-clang} $flags -DSIGNFLIP_CLONES= "$root/Tests/Kernels/pass_test.c" "$bits"/*.c "$passes"/*.c -lm -o plain
./plain --write results "$rounds" "$seed"
printf 'init\nkernel_test\npass_test\nresults\n' | cpio --quiet -o -H newc >disk/initrd

# Bochs 2.7 reports wrong sizes for XSAVEC, XSAVES and PKU, and FSRM without ERMS, so these are hidden from Linux.
cat >disk/isolinux/isolinux.cfg <<END
default linux
label linux
kernel /linux
append initrd=/initrd console=ttyS0 quiet mitigations=off clearcpuid=fsrm,pku,xsavec,xsaves -- $shapes $seed $rounds
END
cp /usr/lib/ISOLINUX/isolinux.bin /usr/lib/syslinux/modules/bios/ldlinux.c32 disk/isolinux
xorriso -as mkisofs -quiet -o disk.iso -b isolinux/isolinux.bin -c isolinux/boot.cat -no-emul-boot \
  -boot-load-size 4 -boot-info-table disk 2>/dev/null

# Bochs 2.7 crashes with a buffer overflow at start if the devices at the end are enabled.
cat >bochsrc <<'END'
display_library: term
cpu: model=corei7_icelake_u, count=1, ips=50000000
memory: guest=512, host=512
romimage: file=/usr/share/bochs/BIOS-bochs-latest
vgaromimage: file=/usr/share/bochs/VGABIOS-lgpl-latest
ata0-master: type=cdrom, path=disk.iso, status=inserted
boot: cdrom
com1: enabled=1, mode=file, dev=serial.txt
panic: action=fatal
log: bochs.log
sound: driver=dummy
plugin_ctrl: speaker=0, parallel=0, gameport=0, usb_uhci=0
END
echo continue >commands
# Bochs draws its screen on a second terminal, and stops if that is not read for some minutes.
(
  terminal=
  while [ -z "$terminal" ]; do
    sleep 1
    terminal=$(sed -n 's/.*connected to screen "\([^"]*\)".*/\1/p' screen.log 2>/dev/null)
  done
  exec cat "$terminal"
) >/dev/null 2>&1 &
reader=$!
trap 'kill $reader 2>/dev/null || true; rm -rf "$work"' EXIT
# The emulated screen needs a terminal, which `script` provides.
TERM=xterm script -qc "timeout 7200 bochs -q -f bochsrc -rc commands" /dev/null </dev/null >screen.log 2>&1 || true

# Lines that are not from the kernel.
grep -av '^\[' serial.txt || tail -n 20 serial.txt bochs.log screen.log >&2 || true
if grep -aq '^avx512: ' serial.txt && grep -aq '^x86-64-v4: ' serial.txt &&
  grep -aqx '/kernel_test: status 0.\?' serial.txt && grep -aqx '/pass_test: status 0.\?' serial.txt; then exit 0; fi
echo "The AVX-512 kernels did not pass." >&2
exit 1
