/* Runs packed models of signflip in C, and in every language that can call C. Link with -lsignflip_model.
 *
 * Only one thread at a time may use a model. Two threads may open the same file, each for itself.
 * After signflip_model_open, only the first runs allocate memory. No function writes to the standard streams. */
#ifndef SIGNFLIP_MODEL_H
#define SIGNFLIP_MODEL_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* An open model. */
typedef struct signflip_model signflip_model;

/* The result of a call. Values never change; new ones may be added. */
typedef enum signflip_result {
  signflip_ok = 0,
  /* A null pointer, or a number of threads outside 1 to 1024. */
  signflip_wrong_argument = 1,
  /* The file is missing, damaged, or not a packed model. The error text gives the reason. */
  signflip_no_model = 2
} signflip_result;

/* The size of an image, and the number of classes. */
typedef struct signflip_model_size {
  size_t height, width, channels, classes;
} signflip_model_size;

/* Opens a file written by `signflip export`, to be run with this number of threads.
 * On failure, writes the reason to `error` as a null-terminated string of at most `error_size` bytes, unless it is NULL. */
signflip_result signflip_model_open(const char *path, int threads, signflip_model **model, char *error,
                                    size_t error_size);

/* Returns the size of an image and the number of classes. */
signflip_result signflip_model_info(const signflip_model *model, signflip_model_size *size);

/* Returns the name of a class in UTF-8, valid until the model is closed; NULL if there is no such class. */
const char *signflip_model_class_name(const signflip_model *model, size_t number);

/* Computes the logits of `count` images.
 * `pixels` has count·height·width·channels bytes, row-major, as in the training data. `logits` gets count·classes floats;
 * the largest logit of an image is its class. */
signflip_result signflip_model_run(signflip_model *model, const uint8_t *pixels, size_t count, float *logits);

/* Closes a model. NULL is ignored. */
void signflip_model_close(signflip_model *model);

#ifdef __cplusplus
}
#endif

#endif
