# Warnings, and all of them errors, in every folder: a new one cannot forget to ask for them.

add_compile_options(-Wall -Wextra -Wpedantic -Wconversion -Werror)
add_compile_options(
  # Tables name the fields they set; the others keep their defaults.
  -Wno-missing-field-initializers
  # int64_t sizes index vectors everywhere. GCC leaves this out of -Wconversion, Clang does not.
  -Wno-sign-conversion)
add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-Wnon-virtual-dtor> $<$<COMPILE_LANGUAGE:CXX>:-Woverloaded-virtual>)
# GCC's plain -Wshadow forbids an enum class to have an enumerator named like some type.
add_compile_options($<IF:$<CXX_COMPILER_ID:GNU>,-Wshadow=local,-Wshadow>)

# GCC 12 sees overlapping copies inside std::string's operator+ that are not there (its bug 105651).
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  add_compile_options(-Wno-restrict)
endif()

# Clang blames us for what the std::stable_sort of GCC 12's library calls. GCC still reports deprecated functions.
if(CMAKE_CXX_COMPILER_ID MATCHES Clang)
  add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-Wno-deprecated-declarations>)
endif()
