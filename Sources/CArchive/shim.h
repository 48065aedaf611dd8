#pragma once

#include <archive.h>
#include <archive_entry.h>
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <unistd.h>

// Wraps what Swift can't import, or only with pointers. All names start with signflip_.

/// Returns the name of a folder's next entry, as bytes; null at the end (errno is then 0) or on an error.
///
/// Swift would copy a whole `dirent`, but only its beginning is in memory.
static inline const char *signflip_next_name(DIR *folder) {
  errno = 0;
  struct dirent *entry = readdir(folder);
  return entry ? entry->d_name : NULL;
}

/// Returns whether an entry is a regular file with contents, and not a folder, link or device.
static inline int signflip_archive_is_file(struct archive_entry *entry) {
  return archive_entry_filetype(entry) == AE_IFREG && !archive_entry_hardlink(entry) && !archive_entry_symlink(entry);
}

/// Writes the next part of an entry to a file.
///
/// Returns its size; 0 at the entry's end, -1 if the archive can't be read, -2 if the file can't be written (errno).
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
