"""The probe as a PowerShell script (2.0 to 5.1), sent on the standard input of one command.

The command begins exactly as Ansible's own do: its connection plugins for WinRM and PSRP know that beginning and hand
the script on without another PowerShell around it. What it decodes to is one plain line that runs what it is given.

The answer is plain ASCII, whatever the console's code page is: every other character is sent as ``%uXXXX``
(:func:`inventory.probe.windows_shells.decoding.plain`). Rows of objects are sent as in PostgreSQL's COPY
(:mod:`inventory.formats.windows_tables`), so that no value depends on the language of the host.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable

from inventory.probe.windows_shells.questions import WindowsQuestion, questions, wmi_question

_BOOTSTRAP = "& ([ScriptBlock]::Create(($input | Out-String)))"

COMMAND = (
    "PowerShell -NoProfile -NonInteractive -ExecutionPolicy Unrestricted -EncodedCommand "
    + base64.b64encode(_BOOTSTRAP.encode("utf-16-le")).decode()
)

# A native program may write to standard error without failing; with "Stop" that would end the script.
_PRELUDE = r"""
$N = '@NONCE@'
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
$bfInvariant = [Globalization.CultureInfo]::InvariantCulture
$bfCim = [bool](Get-Command Get-CimInstance -ErrorAction SilentlyContinue)
$bfEscape = [Text.RegularExpressions.MatchEvaluator] { param($m) '%u{0:X4}' -f [int][char]$m.Value }
$bfOdd = New-Object Text.RegularExpressions.Regex '[^ -$&-~\t]'
function bf_cell($value) {
  if ($null -eq $value) { return '\N' }
  if ($value -is [array]) {
    $cells = @()
    foreach ($each in $value) { $cells += (bf_cell $each) }
    return ($cells -join '\a')
  }
  if ($value -is [DateTime]) { $text = $value.ToUniversalTime().ToString('s', $bfInvariant) + 'Z' }
  else { $text = [Convert]::ToString($value, $bfInvariant) }
  return $text.Replace('\', '\\').Replace("`t", '\t').Replace("`r", '\r').Replace("`n", '\n')
}
function bf_rows($objects, [string[]]$names) {
  $names -join "`t"
  foreach ($object in @($objects)) {
    if ($null -ne $object) {
      $cells = @()
      foreach ($name in $names) { $cells += (bf_cell $object.$name) }
      $cells -join "`t"
    }
  }
}
function bf_wmi($class, [string[]]$names, $where) {
  $ask = @{ Property = $names }
  if ($where) { $ask.Filter = $where }
  if ($bfCim) { $found = Get-CimInstance -ClassName $class -OperationTimeoutSec 30 @ask }
  else { $found = Get-WmiObject -Class $class @ask }
  bf_rows $found $names
}
function bf_part($name, [scriptblock]$what) {
  $script:bfStatus = 0
  $global:LASTEXITCODE = 0
  "`n$N part $name"
  try {
    & $what | ForEach-Object { $bfOdd.Replace([string]$_, $bfEscape) }
    $script:bfStatus = $LASTEXITCODE
  } catch {
    $script:bfStatus = 1
    $bfOdd.Replace([string]$_.Exception.Message, $bfEscape)
  }
  "`n$N done $script:bfStatus"
}
$bfUser = New-Object Security.Principal.WindowsPrincipal ([Security.Principal.WindowsIdentity]::GetCurrent())
$bfAdmin = $bfUser.IsInRole([Security.Principal.WindowsBuiltInRole]::Administrator)
"`n$N hello $([int](-not $bfAdmin)) $PID"
"""


def compose(sections: Iterable[tuple[str, str]], nonce: str) -> str:
    """The script that asks ``sections`` (name and fragment). ASCII, whatever its readers' code page is."""
    lines = [_PRELUDE.replace("@NONCE@", nonce).strip()]
    for name, fragment in sections:
        lines.append(f'"`n$N begin {name}"')
        lines += [_asked(question) for question in questions(fragment) if question.kind != "cmd"]
        lines.append('"`n$N end"')
        lines.append('"`n$N over no"')
    lines.append('"`n$N bye"')
    return "\n".join(lines) + "\n"


def _asked(question: WindowsQuestion) -> str:
    match question.kind:
        case "ps":
            return f"bf_part '{question.part}' {{ {question.words} }}"
        case "wmi":
            wmi = wmi_question(question.words)
            names = ", ".join(f"'{name}'" for name in wmi.names)
            return f"bf_part '{question.part}' {{ bf_wmi '{wmi.cls}' @({names}) '{wmi.where}' }}"
        case "or":
            return f"if ($bfStatus) {{ {_native(question.part, question.words)} }}"
        case "reg":
            return _native(question.part, f"reg query {question.words}")
        case _:
            return _native(question.part, question.words)


def _native(part: str, words: str) -> str:
    program, _, arguments = words.partition(" ")
    return f"bf_part '{part}' {{ $ErrorActionPreference = 'Continue'; {program}.exe {arguments} 2>$null }}"
