#pragma once

#include <archive.h>
#include <archive_entry.h>
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <unistd.h>

// What Swift cannot import, or only with pointers. Every name begins with signflip_.

/// The name of the next entry of a folder, as bytes; null at the end (errno is 0 then).
///
/// Swift would copy the whole of `dirent`, of which only the beginning is there.
static inline const char *signflip_next_name(DIR *folder) {
  errno = 0;
  struct dirent *entry = readdir(folder);
  return entry ? entry->d_name : NULL;
}

/// Whether an entry is a regular file with contents of its own: no folder, no link, no device.
static inline int signflip_archive_is_file(struct archive_entry *entry) {
  return archive_entry_filetype(entry) == AE_IFREG && !archive_entry_hardlink(entry) && !archive_entry_symlink(entry);
}

/// Writes the next piece of an entry into a file.
///
/// Returns its size, 0 at the entry's end, -1 where the archive can't be read, -2 where the file can't be written (errno).
static inline int64_t signflip_archive_copy(struct archive *archive, int file) {
  char piece[1 << 16];
  ssize_t size = archive_read_data(archive, piece, sizeof piece), done = 0;
  if (size < 0) return -1;
  while (done < size) {
    ssize_t written = write(file, piece + done, (size_t)(size - done));
    if (written < 0 && errno != EINTR) return -2;
    if (written > 0) done += written;
  }
  return size;
}
