/* `main` of a generated executable. Alone in its file, so that a linker takes it from the library only for a program
 * that has no `main` of its own. */
#include "runtime/main.h"

int main(int argc, char **argv) { return strata_main(strata_executable_model, argc, argv); }
