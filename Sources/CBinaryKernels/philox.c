#include "CBinaryKernels.h"
