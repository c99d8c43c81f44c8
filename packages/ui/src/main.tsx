import '@fontsource-variable/inter/index.css';
import './theme/mantine.css';
import './theme/variables.css';
import './theme/base.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './App.tsx';
import { keepFocus } from './shell/keep-focus.ts';

keepFocus(document);
createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
