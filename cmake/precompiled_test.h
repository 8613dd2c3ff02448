// What most test sources read.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <thread>

#include "precompiled_library.h"
