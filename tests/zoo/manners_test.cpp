#include "tests/zoo/zoo.h"
