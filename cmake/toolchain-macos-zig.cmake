# macOS from Linux, one architecture per build: zig compiles (it carries the headers), LLVM's own
# linker makes the bundle, because zig's makes none.
#   -DSIDEMAN_ZIG=path of zig  -DSIDEMAN_MACOS_ARCH=arm64|x86_64  -DSIDEMAN_LLVM=folder of ld64.lld
set(CMAKE_SYSTEM_NAME Darwin)
set(CMAKE_SYSTEM_PROCESSOR ${SIDEMAN_MACOS_ARCH})
set(CMAKE_TRY_COMPILE_PLATFORM_VARIABLES SIDEMAN_ZIG SIDEMAN_MACOS_ARCH SIDEMAN_LLVM)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
set(SIDEMAN_MACOS_MINIMUM 11.0)

if(SIDEMAN_MACOS_ARCH STREQUAL "arm64")
  set(zig_target aarch64-macos.${SIDEMAN_MACOS_MINIMUM})
else()
  set(zig_target x86_64-macos.${SIDEMAN_MACOS_MINIMUM})
endif()
set(CMAKE_C_COMPILER ${SIDEMAN_ZIG} cc -target ${zig_target})
# zig's libc++ would take the system's for as new as itself, and want what macOS 11 has not.
set(CMAKE_CXX_COMPILER ${SIDEMAN_ZIG} c++ -target ${zig_target}
  -U_LIBCPP_HAS_VENDOR_AVAILABILITY_ANNOTATIONS -D_LIBCPP_HAS_VENDOR_AVAILABILITY_ANNOTATIONS=1)
set(CMAKE_AR ${SIDEMAN_LLVM}/llvm-ar CACHE FILEPATH "")
set(CMAKE_RANLIB ${SIDEMAN_LLVM}/llvm-ranlib CACHE FILEPATH "")
set(CMAKE_OSX_SYSROOT "" CACHE STRING "")
set(CMAKE_OSX_DEPLOYMENT_TARGET "" CACHE STRING "")
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
set(CMAKE_FIND_ROOT_PATH /nonexistent)
set(CMAKE_USER_MAKE_RULES_OVERRIDE_CXX ${CMAKE_CURRENT_LIST_DIR}/macos-zig-link.cmake)
