/* Runs packed models of signflip from C, and from every language that can call it. Link with -lsignflip_model.
 *
 * A model belongs to one thread at a time: two threads open the file twice. Different models do not disturb each other.
 * After signflip_model_open only the first runs allocate memory. Nothing here writes to the standard streams. */
#ifndef SIGNFLIP_MODEL_H
#define SIGNFLIP_MODEL_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* An open model. */
typedef struct signflip_model signflip_model;

/* What a call has come to. Numbers do not change; new ones may be added. */
typedef enum signflip_result {
  signflip_ok = 0,
  /* A null pointer, or a number of threads that is not 1 to 1024. */
  signflip_wrong_argument = 1,
  /* The file is missing, damaged, or no packed model: the error's text says which. */
  signflip_no_model = 2
} signflip_result;

/* The sizes of an image and of an answer. */
typedef struct signflip_model_size {
  size_t height, width, channels, classes;
} signflip_model_size;

/* Opens a file that `signflip export` has written, to be run with some threads.
 * Of `error`, which may be NULL, at most `error_size` bytes get the reason of a failure, with a null byte at the end. */
signflip_result signflip_model_open(const char *path, int threads, signflip_model **model, char *error,
                                    size_t error_size);

/* Tells how large an image is, and how many logits it has. */
signflip_result signflip_model_info(const signflip_model *model, signflip_model_size *size);

/* The name of a class in UTF-8, which holds until the model is closed; NULL where there is none of this number. */
const char *signflip_model_class_name(const signflip_model *model, size_t number);

/* Computes the logits of some images.
 * `pixels` has count·height·width·channels bytes: rows of pixels, the channels of a pixel together, as they stand in the
 * training data. `logits` gets count·classes floats; the greatest of an image is its class. */
signflip_result signflip_model_run(signflip_model *model, const uint8_t *pixels, size_t count, float *logits);

/* Closes a model; NULL is none. */
void signflip_model_close(signflip_model *model);

#ifdef __cplusplus
}
#endif

#endif
