import { render } from 'preact';
import { Application } from './application.js';
import { suspendFeedsWhileHidden } from './feed/use-feed.js';
import { restoreSession } from './session/session.js';
import './styles/tokens.css';
import './styles/base.css';
import './styles/controls.css';
import './styles/layout.css';

const root = document.getElementById('console');
if (root !== null) render(<Application />, root);
void restoreSession();
suspendFeedsWhileHidden();
