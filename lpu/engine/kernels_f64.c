#define NK_BITS 64
#include "kernels.h"
