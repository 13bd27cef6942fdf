@echo off
rem Runs laco's command line on Windows with the flags that ND4J needs, as laco does elsewhere. In a checkout, build it first:
rem mvn -DskipTests package. It makes no archive of classes, so that each start takes as long as the first.
rem
rem   laco --help             lists the commands
rem   laco jshell [SCRIPT]... opens JShell with laco on its class path
rem
rem JAVA_HOME       the JDK to use; otherwise the java on the PATH. A distribution that has a runtime of its own uses that one
rem LACO_JAVA_OPTS  more flags for the virtual machine, such as -Xmx4g
rem LACO_CACHE      where the libraries unpack their native parts; otherwise laco in LOCALAPPDATA
setlocal EnableExtensions DisableDelayedExpansion

set version=0.2.0-SNAPSHOT
set "home=%~dp0.."
set "jar=%home%\laco-cli-%version%.jar"
set "lib=%home%\lib"
if exist "%jar%" goto found
set "home=%~dp0."
set "jar=%home%\laco-cli\target\laco-cli-%version%.jar"
set "lib=%home%\laco-cli\target\lib"
if exist "%jar%" goto found
>&2 echo laco: %jar% is missing: build it with mvn -DskipTests package
exit /b 1

:found
set java=java
if defined JAVA_HOME set "java=%JAVA_HOME%\bin\java"
if exist "%home%\runtime\bin\java.exe" if /i not "%~1"=="jshell" set "java=%home%\runtime\bin\java"
set release=0
for /f "tokens=2,3" %%a in ('""%java%" -version 2^>^&1"') do if "%%a"=="version" for /f "delims=.-+" %%n in ("%%~b") do set release=%%n
if %release% lss 17 (
  >&2 echo laco: %java% is of version %release%, but 17 or newer is needed: install a JDK, or set JAVA_HOME
  exit /b 1
)

set flags=-XX:+DisplayVMOutputToStderr -Xlog:all=off:stdout -Xlog:all=error:stderr
set flags=%flags% -Xmx1g -Xmn16m -Dorg.bytedeco.javacpp.maxbytes=0 -Dorg.bytedeco.javacpp.maxphysicalbytes=0
if %release% geq 24 set flags=%flags% --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow
if /i "%~1"=="jshell" goto jshell

set flags=%flags% -XX:Tier4InvocationThreshold=50000 -XX:Tier4MinInvocationThreshold=20000 -XX:Tier4CompileThreshold=100000 -XX:Tier4BackEdgeThreshold=400000
set "given=%LACO_JAVA_OPTS% %JAVA_TOOL_OPTIONS% %JDK_JAVA_OPTIONS% %_JAVA_OPTIONS%"
echo "%given%" | findstr /r /c:"-XX:+Use.*GC" >nul || set flags=%flags% -XX:+UseSerialGC
echo "%given%" | findstr /r /c:"-Xm[sx]" /c:"-XX:.*Heap" /c:"-XX:.*RAM" >nul || set flags=%flags% -Xms32m

if not defined LACO_CACHE set "LACO_CACHE=%LOCALAPPDATA%\laco"
if not exist "%LACO_CACHE%" mkdir "%LACO_CACHE%" || exit /b 1
"%java%" %flags% "-Dorg.bytedeco.javacpp.cachedir=%LACO_CACHE%\javacpp" "-DDJL_CACHE_DIR=%LACO_CACHE%\djl" "-Djna.tmpdir=%LACO_CACHE%" %LACO_JAVA_OPTS% -jar "%jar%" %*
exit /b %errorlevel%

:jshell
set "remote= %flags% %LACO_JAVA_OPTS%"
set "remote=%remote: -= -R-%"
rem A script of the user's is an argument; the word jshell isn't.
set "arguments=%*"
call set "arguments=%%arguments:*jshell=%%"
if "%java%"=="java" (set jshell=jshell) else set "jshell=%java:~0,-4%jshell"
"%jshell%" --class-path "%jar%;%lib%\*" %remote% %arguments%
exit /b %errorlevel%
