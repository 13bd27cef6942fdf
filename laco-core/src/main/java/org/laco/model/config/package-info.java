/** A checkpoint's configuration, read by key. */
package org.laco.model.config;
