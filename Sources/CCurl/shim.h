#pragma once

#include <curl/curl.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

// Swift can't call curl_easy_setopt, which is variadic, and libcurl's write callback needs pointers. All names start with
// signflip_.

/// A transfer of a URL to an open file.
struct signflip_transfer {
  CURLM *multi;
  CURL *easy;
  int file;
  /// The largest accepted number of bytes; -1: no limit.
  int64_t limit;
  /// The number of bytes received and written to the file.
  int64_t received;
  /// Whether the limit was exceeded.
  int is_too_long;
  /// The errno of the write that failed, or 0.
  int write_error;
  CURLcode result;
  char message[CURL_ERROR_SIZE];
};

static inline size_t signflip_transfer_write(char *data, size_t size, size_t count, void *context) {
  struct signflip_transfer *transfer = (struct signflip_transfer *)context;
  size_t length = size * count, done = 0;
  if (transfer->limit >= 0 && (int64_t)length > transfer->limit - transfer->received) {
    transfer->is_too_long = 1;
    return 0;
  }
  while (done < length) {
    ssize_t written = write(transfer->file, data + done, length - done);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      transfer->write_error = errno;
      return 0;
    }
    done += (size_t)written;
    transfer->received += written;
  }
  return length;
}

/// Ends a transfer. Received bytes stay in the file.
static inline void signflip_transfer_end(struct signflip_transfer *transfer) {
  if (!transfer) return;
  if (transfer->multi && transfer->easy) curl_multi_remove_handle(transfer->multi, transfer->easy);
  if (transfer->easy) curl_easy_cleanup(transfer->easy);
  if (transfer->multi) curl_multi_cleanup(transfer->multi);
  free(transfer);
}

/// Creates a transfer without starting it; NULL if there is no memory.
static inline struct signflip_transfer *signflip_transfer_new(void) {
  struct signflip_transfer *transfer = (struct signflip_transfer *)calloc(1, sizeof *transfer);
  if (!transfer) return NULL;
  transfer->multi = curl_multi_init();
  transfer->easy = curl_easy_init();
  if (transfer->multi && transfer->easy) return transfer;
  signflip_transfer_end(transfer);
  return NULL;
}

/// Starts a transfer from byte `offset` on, written at the file's current position. Returns whether it started.
static inline int signflip_transfer_begin(
    struct signflip_transfer *transfer, const char *address, int file, int64_t offset, int64_t limit) {
  CURL *easy = transfer->easy;
  transfer->file = file;
  transfer->limit = limit;
  curl_easy_setopt(easy, CURLOPT_URL, address);
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https,file");
  // A server must not redirect to a file.
  curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 1L);
  curl_easy_setopt(easy, CURLOPT_MAXREDIRS, 10L);
  curl_easy_setopt(easy, CURLOPT_FAILONERROR, 1L);
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, 20L);
  // Fewer than 100 bytes a second for 30 seconds: the connection is dead.
  curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 100L);
  curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, 30L);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_USERAGENT, "signflip");
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->message);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, signflip_transfer_write);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
  if (offset > 0) curl_easy_setopt(easy, CURLOPT_RESUME_FROM_LARGE, (curl_off_t)offset);
  return curl_multi_add_handle(transfer->multi, easy) == CURLM_OK;
}

/// Continues a transfer for about this time. Returns whether it is still running.
static inline int signflip_transfer_advance(struct signflip_transfer *transfer, int milliseconds) {
  int running = 0, left = 0;
  CURLMcode code = curl_multi_perform(transfer->multi, &running);
  if (code == CURLM_OK && running) code = curl_multi_poll(transfer->multi, NULL, 0, milliseconds, NULL);
  if (code != CURLM_OK) {
    transfer->result = CURLE_FAILED_INIT;
    running = 0;
  }
  for (CURLMsg *done; (done = curl_multi_info_read(transfer->multi, &left));) {
    if (done->msg != CURLMSG_DONE) continue;
    transfer->result = done->data.result;
    running = 0;
  }
  return running;
}

/// The result of a transfer.
static inline CURLcode signflip_transfer_result(const struct signflip_transfer *transfer) { return transfer->result; }

/// The number of bytes received and written to the file.
static inline int64_t signflip_transfer_received(const struct signflip_transfer *transfer) {
  return transfer->received;
}

/// Whether the limit was exceeded.
static inline int signflip_transfer_is_too_long(const struct signflip_transfer *transfer) {
  return transfer->is_too_long;
}

/// The errno of the write that failed, or 0.
static inline int signflip_transfer_write_error(const struct signflip_transfer *transfer) {
  return transfer->write_error;
}

/// The number of bytes that the response announces; -1 if it doesn't.
static inline int64_t signflip_transfer_announced(const struct signflip_transfer *transfer) {
  curl_off_t length = -1;
  curl_easy_getinfo(transfer->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
  return (int64_t)length;
}

/// The HTTP status, such as 404; 0 if there was no response.
static inline long signflip_transfer_status(const struct signflip_transfer *transfer) {
  long status = 0;
  curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
  return status;
}

/// libcurl's message about a failed transfer.
static inline const char *signflip_transfer_message(const struct signflip_transfer *transfer) {
  return transfer->message[0] ? transfer->message : curl_easy_strerror(transfer->result);
}

/// Initializes libcurl. Call it once, before the first transfer.
static inline int signflip_transfers_set_up(void) { return curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK; }
