// The calls of oneDNN that the target Tensors needs, with one interface for versions 2 and 3.
#pragma once

#include <dnnl.h>

/// Sets the number of threads for oneDNN calls of the calling thread. oneDNN uses OpenMP.
void omp_set_num_threads(int count);

/// The current number of threads.
int omp_get_max_threads(void);

/// A row-major matrix product C[m, n] = A[m, k] · B[k, n], or a batch of products with consecutive matrices. A or B may be
/// stored transposed, and the rows of B may be `b_stride` apart.
typedef struct {
  dnnl_primitive_t primitive;
  dnnl_memory_t a, b, c;
} signflip_matmul;

/// Describes `count` matrices [rows, columns]. The stored rows (the columns of a transposed matrix) are `stride` elements
/// apart.
static inline dnnl_status_t signflip_matrix_desc(dnnl_memory_desc_t *desc, dnnl_dim_t count, dnnl_dim_t rows,
                                                 dnnl_dim_t columns, int transposed, dnnl_dim_t stride,
                                                 dnnl_data_type_t type) {
  dnnl_dims_t dims = {count, rows, columns};
  dnnl_dims_t strides = {(transposed ? columns : rows) * stride, transposed ? 1 : stride, transposed ? stride : 1};
  // A single matrix has two dimensions.
  const int first = count == 1;
#if DNNL_VERSION_MAJOR >= 3
  return dnnl_memory_desc_create_with_strides(desc, 3 - first, dims + first, type, strides + first);
#else
  return dnnl_memory_desc_init_by_strides(desc, 3 - first, dims + first, type, strides + first);
#endif
}

// In version 2, a description is a plain value.
static inline void signflip_matrix_desc_destroy(dnnl_memory_desc_t *desc) {
#if DNNL_VERSION_MAJOR >= 3
  dnnl_memory_desc_destroy(*desc);
#else
  (void)desc;
#endif
}

static inline dnnl_status_t signflip_memory(dnnl_memory_t *memory, dnnl_memory_desc_t *desc, dnnl_engine_t engine) {
#if DNNL_VERSION_MAJOR >= 3
  return dnnl_memory_create(memory, *desc, engine, DNNL_MEMORY_NONE);
#else
  return dnnl_memory_create(memory, desc, engine, DNNL_MEMORY_NONE);
#endif
}

static inline dnnl_status_t signflip_matmul_primitive(dnnl_primitive_t *primitive, dnnl_engine_t engine,
                                                      dnnl_memory_desc_t *a, dnnl_memory_desc_t *b,
                                                      dnnl_memory_desc_t *c, dnnl_primitive_attr_t attributes) {
  dnnl_primitive_desc_t desc;
  dnnl_status_t status;
#if DNNL_VERSION_MAJOR >= 3
  status = dnnl_matmul_primitive_desc_create(&desc, engine, *a, *b, NULL, *c, attributes);
#else
  dnnl_matmul_desc_t matmul;
  status = dnnl_matmul_desc_init(&matmul, a, b, NULL, c);
  if (status == dnnl_success) status = dnnl_primitive_desc_create(&desc, &matmul, attributes, engine, NULL);
#endif
  if (status != dnnl_success) return status;
  status = dnnl_primitive_create(primitive, desc);
  dnnl_primitive_desc_destroy(desc);
  return status;
}

/// Attributes that make a product add to C instead of replacing it.
static inline dnnl_status_t signflip_sum_attributes(dnnl_primitive_attr_t *attributes) {
  dnnl_post_ops_t operations;
  dnnl_status_t status = dnnl_primitive_attr_create(attributes);
  if (status != dnnl_success) return status;
  status = dnnl_post_ops_create(&operations);
  if (status != dnnl_success) return status;
#if DNNL_VERSION_MAJOR >= 3
  status = dnnl_post_ops_append_sum(operations, 1, 0, dnnl_data_type_undef);
#else
  status = dnnl_post_ops_append_sum(operations, 1);
#endif
  // The attributes keep a copy.
  if (status == dnnl_success) status = dnnl_primitive_attr_set_post_ops(*attributes, operations);
  dnnl_post_ops_destroy(operations);
  return status;
}

/// Creates `count` products of matrices of `type`. C is float32; if `adds`, the products are added to it.
static inline dnnl_status_t signflip_matmul_create(signflip_matmul *product, dnnl_engine_t engine, dnnl_dim_t count,
                                                   dnnl_dim_t m, dnnl_dim_t n, dnnl_dim_t k, int a_transposed, int b_transposed,
                                                   dnnl_dim_t b_stride, dnnl_data_type_t type, int adds) {
  dnnl_memory_desc_t a = {0}, b = {0}, c = {0};
  dnnl_primitive_attr_t attributes = NULL;
  dnnl_status_t status = signflip_matrix_desc(&a, count, m, k, a_transposed, a_transposed ? m : k, type);
  if (status == dnnl_success) status = signflip_matrix_desc(&b, count, k, n, b_transposed, b_transposed ? k : b_stride, type);
  if (status == dnnl_success) status = signflip_matrix_desc(&c, count, m, n, 0, n, dnnl_f32);
  if (status == dnnl_success) status = signflip_memory(&product->a, &a, engine);
  if (status == dnnl_success) status = signflip_memory(&product->b, &b, engine);
  if (status == dnnl_success) status = signflip_memory(&product->c, &c, engine);
  if (status == dnnl_success && adds) status = signflip_sum_attributes(&attributes);
  if (status == dnnl_success) status = signflip_matmul_primitive(&product->primitive, engine, &a, &b, &c, attributes);
  if (attributes) dnnl_primitive_attr_destroy(attributes);
  // The primitive keeps copies.
  signflip_matrix_desc_destroy(&a);
  signflip_matrix_desc_destroy(&b);
  signflip_matrix_desc_destroy(&c);
  return status;
}

/// Computes the product and waits for it.
static inline dnnl_status_t signflip_matmul_execute(const signflip_matmul *product, dnnl_stream_t stream, const void *a,
                                                    const void *b, float *c) {
  dnnl_memory_set_data_handle(product->a, (void *)a);
  dnnl_memory_set_data_handle(product->b, (void *)b);
  dnnl_memory_set_data_handle(product->c, c);
  dnnl_exec_arg_t arguments[3] = {
      {DNNL_ARG_SRC, product->a}, {DNNL_ARG_WEIGHTS, product->b}, {DNNL_ARG_DST, product->c}};
  dnnl_status_t status = dnnl_primitive_execute(product->primitive, stream, 3, arguments);
  return status == dnnl_success ? dnnl_stream_wait(stream) : status;
}

static inline void signflip_matmul_destroy(signflip_matmul *product) {
  dnnl_primitive_destroy(product->primitive);
  dnnl_memory_destroy(product->a);
  dnnl_memory_destroy(product->b);
  dnnl_memory_destroy(product->c);
}

/// Copies a matrix [rows, columns], whose rows are `from_stride` apart, to its transpose, whose rows are `to_stride` apart.
typedef struct {
  dnnl_primitive_t primitive;
  dnnl_memory_t from, to;
} signflip_transposition;

static inline dnnl_status_t signflip_reorder_primitive(dnnl_primitive_t *primitive, dnnl_engine_t engine,
                                                       dnnl_memory_desc_t *from, dnnl_memory_desc_t *to) {
  dnnl_primitive_desc_t desc;
#if DNNL_VERSION_MAJOR >= 3
  dnnl_status_t status = dnnl_reorder_primitive_desc_create(&desc, *from, engine, *to, engine, NULL);
#else
  dnnl_status_t status = dnnl_reorder_primitive_desc_create(&desc, from, engine, to, engine, NULL);
#endif
  if (status != dnnl_success) return status;
  status = dnnl_primitive_create(primitive, desc);
  dnnl_primitive_desc_destroy(desc);
  return status;
}

/// Creates a transposition of float32.
static inline dnnl_status_t signflip_transposition_create(signflip_transposition *transposition, dnnl_engine_t engine,
                                                          dnnl_dim_t rows, dnnl_dim_t columns, dnnl_dim_t from_stride,
                                                          dnnl_dim_t to_stride) {
  // The same matrix in two layouts.
  dnnl_memory_desc_t from = {0}, to = {0};
  dnnl_status_t status = signflip_matrix_desc(&from, 1, rows, columns, 0, from_stride, dnnl_f32);
  if (status == dnnl_success) status = signflip_matrix_desc(&to, 1, rows, columns, 1, to_stride, dnnl_f32);
  if (status == dnnl_success) status = signflip_memory(&transposition->from, &from, engine);
  if (status == dnnl_success) status = signflip_memory(&transposition->to, &to, engine);
  if (status == dnnl_success) status = signflip_reorder_primitive(&transposition->primitive, engine, &from, &to);
  signflip_matrix_desc_destroy(&from);
  signflip_matrix_desc_destroy(&to);
  return status;
}

/// Transposes and waits for it.
static inline dnnl_status_t signflip_transposition_execute(const signflip_transposition *transposition,
                                                           dnnl_stream_t stream, const float *from, float *to) {
  dnnl_memory_set_data_handle(transposition->from, (void *)from);
  dnnl_memory_set_data_handle(transposition->to, to);
  dnnl_exec_arg_t arguments[2] = {{DNNL_ARG_FROM, transposition->from}, {DNNL_ARG_TO, transposition->to}};
  dnnl_status_t status = dnnl_primitive_execute(transposition->primitive, stream, 2, arguments);
  return status == dnnl_success ? dnnl_stream_wait(stream) : status;
}

static inline void signflip_transposition_destroy(signflip_transposition *transposition) {
  dnnl_primitive_destroy(transposition->primitive);
  dnnl_memory_destroy(transposition->from);
  dnnl_memory_destroy(transposition->to);
}
