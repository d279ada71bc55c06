#define NK_BITS 32
#include "kernels.h"
