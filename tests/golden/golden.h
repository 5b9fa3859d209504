// Golden files: commands, the files they read, and all they print, as one text.
//
//   What the case is about, in lines before the first section.
//   --- maps.strata
//   model maps(...) -> ...
//
//   $ strata check maps.strata
//   [stderr]
//   error[E0203]: ...
//   [exit 1]
//
// The sections run in their order, in an empty folder of their own. A blank line between two belongs to neither.
//
//   --- NAME                            writes the lines as a file
//   --- weights NAME [cut|absurd|text]  writes a file of weights; see ListedFile (safetensors_writer.h)
//   --- array NAME <f4 C [2, 8] [cut]   writes an array; see ListedArray (npy_writer.h)
//   --- copy PATH                       copies a file of the repository
//   --- link NAME TARGET                makes a symbolic link
//   $ strata ARGUMENT... [< NAME]       runs the compiler, or a program that it built: `./digits`. Arguments that hold
//                                       spaces stand in quotes; there is no other shell.
//   $ cat NAME                          shows a file, as the commands before have left it
//
// After a command stand its standard output; `[stderr]` and its standard error, unless that is empty; and `[exit N]`,
// unless that is 0.
#pragma once

#include <string>

namespace strata::testing {

// The golden file as it should be: what its commands print now, in place of what it says they print. Runs in the root
// of the repository. Throws std::runtime_error where the file makes no sense.
std::string Rerun(const std::string& golden);

}  // namespace strata::testing
