# How everything below is compiled, and where it goes. Included before the first target: it sets the defaults of all.

set(CMAKE_C_STANDARD 11)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Debug, Release, RelWithDebInfo or MinSizeRel" FORCE)
endif()

# `strata` finds the runtime library at ../lib/strata beside its own folder: here as in an installation.
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)
set(STRATA_RUNTIME_LIBRARY_DIRECTORY ${PROJECT_BINARY_DIR}/lib/strata)

if(STRATA_CCACHE)
  find_program(STRATA_CCACHE_PROGRAM ccache)
  mark_as_advanced(STRATA_CCACHE_PROGRAM)
  if(STRATA_CCACHE_PROGRAM)
    set(CMAKE_C_COMPILER_LAUNCHER ${STRATA_CCACHE_PROGRAM})
    set(CMAKE_CXX_COMPILER_LAUNCHER ${STRATA_CCACHE_PROGRAM})
  endif()
endif()

if(STRATA_SANITIZE)
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
endif()

if(STRATA_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
  set_property(DIRECTORY ${PROJECT_SOURCE_DIR} APPEND PROPERTY COMPILE_DEFINITIONS STRATA_FUZZ)
endif()
