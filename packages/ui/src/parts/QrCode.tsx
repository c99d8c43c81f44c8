import qrcode from 'qrcode-generator';
import styles from './QrCode.module.css';

/** The empty modules around the code that a reader needs (ISO/IEC 18004, 5.3.8). */
const QUIET_MODULES = 4;

/** A QR code as one vector path; dark on white in both themes, as cameras want it. */
export function QrCode({ text, label }: { text: string; label: string }) {
  const code = qrcode(0, 'M');
  code.addData(text);
  code.make();
  const modules = code.getModuleCount();
  const size = modules + 2 * QUIET_MODULES;
  return (
    <figure className={styles.code} aria-label={label}>
      <svg viewBox={`0 0 ${size} ${size}`} shapeRendering="crispEdges" aria-hidden>
        <path d={darkModules(modules, code.isDark.bind(code))} />
      </svg>
    </figure>
  );
}

/** One rectangle for each run of dark modules in a row. */
function darkModules(modules: number, isDark: (row: number, column: number) => boolean): string {
  let path = '';
  for (let row = 0; row < modules; row++) {
    for (let column = 0; column < modules; column++) {
      if (!isDark(row, column)) continue;
      const start = column;
      while (column + 1 < modules && isDark(row, column + 1)) column++;
      path += `M${start + QUIET_MODULES} ${row + QUIET_MODULES}h${column - start + 1}v1h${start - column - 1}z`;
    }
  }
  return path;
}
